/** Stack traces that lines may carry, by language. One row each; text as the runtime prints it, message line not included. */
const STACK_TRACES = {
  javaNullPointer: [
    'java.lang.NullPointerException: Cannot invoke "com.shop.pricing.Discount.rate()" because "discount" is null',
    '\tat com.shop.pricing.PriceCalculator.total(PriceCalculator.java:141)',
    '\tat com.shop.payments.ChargeService.authorize(ChargeService.java:88)',
    '\tat com.shop.payments.ChargeController.charge(ChargeController.java:52)',
    '\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)',
    '\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)',
    '\tat java.base/java.lang.Thread.run(Thread.java:1583)',
  ],
  javaConnect: [
    'org.postgresql.util.PSQLException: Connection refused. Check that the hostname and port are correct.',
    '\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:342)',
    '\tat com.zaxxer.hikari.pool.PoolBase.newConnection(PoolBase.java:364)',
    '\tat com.shop.payments.db.ChargeRepository.open(ChargeRepository.java:61)',
    'Caused by: java.net.ConnectException: Connection refused',
    '\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)',
    '\t... 9 more',
  ],
  javaTimeout: [
    'java.net.SocketTimeoutException: Read timed out',
    '\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)',
    '\tat okhttp3.internal.http2.Http2Stream.takeHeaders(Http2Stream.kt:110)',
    '\tat com.shop.shipping.carrier.CarrierClient.rates(CarrierClient.java:97)',
    '\tat com.shop.shipping.QuoteService.quote(QuoteService.java:44)',
  ],
  javaOutOfMemory: [
    'java.lang.OutOfMemoryError: Java heap space',
    '\tat java.base/java.util.Arrays.copyOf(Arrays.java:3541)',
    '\tat com.shop.search.index.SegmentCache.grow(SegmentCache.java:203)',
    '\tat com.shop.search.index.SegmentCache.put(SegmentCache.java:155)',
  ],
  pythonKey: [
    'Traceback (most recent call last):',
    '  File "/app/shop/api/handlers.py", line 212, in handle',
    '    payload = build_response(item, locale)',
    '  File "/app/shop/render/response.py", line 77, in build_response',
    "    price = item['pricing']['net']",
    "KeyError: 'net'",
  ],
  pythonSmtp: [
    'Traceback (most recent call last):',
    '  File "/app/notify/mailer.py", line 64, in deliver',
    '    smtp.sendmail(sender, recipient, message)',
    '  File "/usr/lib/python3.12/smtplib.py", line 905, in sendmail',
    '    raise SMTPRecipientsRefused(senderrs)',
    'smtplib.SMTPRecipientsRefused: 550 5.1.1 mailbox unavailable',
  ],
  nodeType: [
    "TypeError: Cannot read properties of undefined (reading 'currency')",
    '    at toMinorUnits (/app/dist/money/convert.js:31:18)',
    '    at buildSummary (/app/dist/checkout/summary.js:114:22)',
    '    at async CheckoutHandler.submit (/app/dist/checkout/handler.js:58:21)',
    '    at async /app/node_modules/fastify/lib/wrapThenable.js:22:21',
  ],
  nodeConnect: [
    'Error: connect ECONNREFUSED',
    '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)',
    '    at RedisSocket.connect (/app/node_modules/@redis/client/dist/lib/client/socket.js:118:23)',
    '    at CartStore.load (/app/dist/cart/store.js:42:27)',
  ],
  goPanic: [
    'goroutine 4127 [running]:',
    'shop/inventory/reserve.(*Ledger).Commit(0xc000412c00)',
    '\t/src/inventory/reserve/ledger.go:186 +0x2f4',
    'shop/inventory/api.(*Server).Reserve(0xc00021a000)',
    '\t/src/inventory/api/server.go:91 +0x1c8',
  ],
} as const satisfies Record<string, readonly string[]>;

export type StackTraceName = keyof typeof STACK_TRACES;

export function stackTrace(name: StackTraceName): readonly string[] {
  return STACK_TRACES[name];
}
