// Goal: the templates of lines as many programs write them are reviewed as text. `vitest -u` rewrites the file.
import { describe, expect, it } from 'vitest';
import { closedBucket, createMiner, textOf } from './mine-lines.ts';

const LINES = [
  '10.0.0.5 - - [10/Oct/2023:13:55:36 +0000] "GET /api/v1/users?id=5 HTTP/1.1" 200 2326 "https://example.com/start" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"',
  'I0412 10:11:12.123456   12345 controller.go:114] "Starting controller" name="deployment" namespace="kube-system"',
  '2024-01-15T10:30:45.123Z INFO [main] c.e.s.OrderService - Order 12345 created for customer cust-98765 in 45ms',
  '2024-01-15 10:30:45,123 ERROR [http-nio-8080-exec-5] com.example.PaymentController: Payment failed: amount=12.50 EUR, reason=insufficient_funds',
  'level=info ts=2024-01-15T10:30:45.123Z caller=compact.go:519 component=tsdb msg="write block" mint=1705300000000 maxt=1705307200000 ulid=01HM6XQ4Z8K7 duration=2.5s',
  '{"level":"warn","ts":1705300000.123,"logger":"etcd","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"150.2ms","expected-duration":"100ms","prefix":"read-only range ","request":"key:\\"/registry/pods/default/x\\" "}',
  'LOG:  checkpoint complete: wrote 45 buffers (0.3%); 0 WAL file(s) added, 0 removed, 1 recycled; write=4.5 s, sync=0.003 s, total=4.6 s; sync files=10, longest=0.001 s, average=0.001 s; distance=123 kB, estimate=456 kB',
  'ERROR:  duplicate key value violates unique constraint "users_email_key"',
  'DETAIL:  Key (email)=(a@b.com) already exists.',
  '1:M 15 Jan 2024 10:30:45.123 * Background saving terminated with success',
  '[2024-01-15 10:30:45,123] INFO [GroupCoordinator 1]: Preparing to rebalance group my-group in state PreparingRebalance with old generation 5 (__consumer_offsets-12) (reason: Adding new member consumer-1-7b9f2c1e-8d3a-4b5c-9e6f-0a1b2c3d4e5f with group instance id None) (kafka.coordinator.group.GroupCoordinator)',
  '[2024-01-15T10:30:45.123Z] "GET /productpage HTTP/1.1" 200 - via_upstream - "-" 0 4183 35 34 "-" "curl/7.68.0" "f6b1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d" "productpage:9080" "10.244.1.5:9080" inbound|9080|| 127.0.0.6:41234 10.244.1.5:9080 10.244.0.1:0 outbound_.9080_._.productpage.default.svc.cluster.local default',
  'Started GET "/orders/5" for 127.0.0.1 at 2024-01-15 10:30:45 +0000',
  'Completed 200 OK in 123ms (Views: 45.6ms | ActiveRecord: 12.3ms | Allocations: 12345)',
  'User alice@example.com (id 42) updated profile picture from 192.168.1.10',
  'panic: runtime error: index out of range [5] with length 3',
  "thread 'main' panicked at 'called `Option::unwrap()` on a `None` value', src/main.rs:12:5",
  'Connection pool stats: active=5/10 idle=3 waiting=0',
  'GC(123) Pause Young (Normal) (G1 Evacuation Pause) 512M->256M(1024M) 12.345ms',
  'client 10.1.2.3#53412: query: example.com IN A +E(0)K (10.0.0.1)',
  'usb 1-1.2: new high-speed USB device number 5 using ehci-pci',
  'audit: type=1400 audit(1705300000.123:456): apparmor="DENIED" operation="open" profile="/usr/sbin/cupsd" name="/etc/x" pid=123 comm="cupsd"',
  'Job 550e8400e29b41d4a716446655440000 finished: 15 ok, 2 failed, 0 skipped',
  'https://sqs.us-east-1.amazonaws.com/123456789012/my-queue received 10 messages',
  "Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f8b8c0d5f10>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/foo/",
  'inventory: OrderPlaced(orderId=5ad7750b-a68b-49c0-a8c0-32776b067703, price=50.0, status=0, from=north, to=south)',
  'Trips [Trip(id=TripId(type=G, number=1234), start=Mon), Trip(id=TripId(type=G, number=1235), start=Tue)]',
  'loaded module C:\\Program\\app\\core.dll version 6.1.7601',
  "token {'user_id': u'beca4a3aab2944aab24802f247fc3bcf', 'roles': [u'admin']} accepted",
  'java.io.IOException: disk full\n\tat a.b.C.m(C.java:3)\n\tat a.b.D.n(D.java:44)\nCaused by: a.b.QuotaException: 5 of 5\n\t... 2 more',
];

describe('templates', () => {
  it('of lines from many kinds of programs are as reviewed', async () => {
    const miner = createMiner();
    miner.mine(closedBucket(1, { golden: LINES }));
    const text = LINES.map((line) => `${line}\n  ${textOf(miner, 'golden', line)}\n`).join('');
    await expect(text).toMatchFileSnapshot('./templates.golden.txt');
  });
});
