import net from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

/** What a socket gives at once, at most. All sockets of a client read into the same memory: it is copied on at once. */
const READ_BYTES = 256 * 1024;
const KEEP_ALIVE_MS = 60_000;
/** Length of a response, in front of it. https://kafka.apache.org/protocol#protocol_common */
const LENGTH_BYTES = 4;
/**
 * A fetch is asked to be 8 MiB at most, and is longer only when it begins with one batch that is. What says to be longer than
 * this is handed on as it comes, so that a length alone takes no memory: it may be no response of a broker at all.
 */
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Sockets for kafkajs that hand it each response whole, in memory of its own. By themselves they give pieces of 64 KiB,
 * each in new memory, which kafkajs copies together: twice the memory to fill, and to collect.
 */
export function responseSockets(): ISocketFactory {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  return ({ host, port, ssl, onConnect }) => {
    const reader = new ResponseReader((bytes) => socket.emit('data', bytes));
    const onread = {
      buffer: memory,
      callback: (bytes: number): boolean => {
        reader.read(memory.subarray(0, bytes));
        return true;
      },
    };
    const options = { host, port, onread };
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket: net.Socket = ssl
      ? tls.connect({ ...options, ...servername, ...ssl }, onConnect)
      : net.connect(options, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return socket;
  };
}

/**
 * Cuts a stream into responses, each with its length in front.
 * Invariant: what is handed on is the stream, byte for byte, whether or not it is one of responses.
 */
export class ResponseReader {
  readonly #handOn: (bytes: Buffer) => void;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  /** The response that is being read; null = its length is. */
  #response: Buffer | null = null;
  /** Bytes of it, or of its length, that are there. */
  #have = 0;
  #isCut = true;

  constructor(handOn: (bytes: Buffer) => void) {
    this.#handOn = handOn;
  }

  /** `bytes` may be changed afterwards. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#isCut) {
      const target = this.#response ?? this.#length;
      const taken = bytes.copy(target, this.#have, at);
      at += taken;
      this.#have += taken;
      if (this.#have < target.length) return;
      if (this.#response === null) this.#begin();
      if (this.#response !== null && this.#have === this.#response.length) this.#end(this.#response);
    }
    if (at < bytes.length) this.#handOn(Buffer.from(bytes.subarray(at)));
  }

  #begin(): void {
    const length = this.#length.readInt32BE();
    if (length < 0 || length > RESPONSE_BYTES_MAX) {
      this.#isCut = false;
      this.#handOn(Buffer.from(this.#length));
      return;
    }
    this.#response = Buffer.allocUnsafeSlow(LENGTH_BYTES + length);
    this.#length.copy(this.#response);
  }

  #end(response: Buffer): void {
    this.#response = null;
    this.#have = 0;
    this.#handOn(response);
  }
}
