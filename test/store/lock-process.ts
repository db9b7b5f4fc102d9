// Child process of lock.test.ts: waits for the lock of a store, says so, and holds it until it is killed.
import { acquireLock } from '../../src/store/lock.ts';

const [path = ''] = process.argv.slice(2);

await acquireLock(path, {
  pollMs: 50,
  onWaiting: (message) => process.stdout.write(`waiting: ${message}\n`),
});
process.stdout.write(`held by ${process.pid}\n`);
// Keeps the process alive; the operating system releases the lock with it.
setInterval(() => undefined, 60_000);
