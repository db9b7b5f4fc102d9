// What the scanner masks, as data: each rule with lines that show it and lines it must leave alone.
// Tests run every line through the scanner; docs/masking.md is generated from this table.

export interface MaskingRule {
  readonly name: string;
  /** What is read as a variable, and why that is so in logs in general. */
  readonly what: string;
  /** [line, its masked form]. */
  readonly masks: readonly (readonly [line: string, masked: string])[];
  /** Lines that look similar and stay as they are. */
  readonly keeps: readonly string[];
}

/** In the order in which the scanner tries them; where a rule needs its neighbours it comes later. */
export const MASKING_RULES: readonly MaskingRule[] = [
  {
    name: 'redacted',
    what: 'A redaction mark. The same line must have one template, whatever was taken out of it.',
    masks: [['user <redacted:email> logged in', 'user <redacted> logged in']],
    keeps: ['status <redacted'],
  },
  {
    name: 'number',
    what: 'Digits with a sign, fraction, exponent or percent sign.',
    masks: [
      ['took 5 attempts', 'took <num> attempts'],
      ['load 0.75 of -12', 'load <num> of <num>'],
      ['used 97% of quota', 'used <num> of quota'],
      ['ratio 1.5e-7 reached', 'ratio <num> reached'],
    ],
    keeps: ['take five attempts', 'e-mail sent'],
  },
  {
    name: 'number with unit',
    what: 'A number with a unit of time, size or frequency, also one blank apart, and a bound sign in front.',
    masks: [
      ['done in 41ms', 'done in <dur>'],
      ['sent 1.16 KB to peer', 'sent <size> to peer'],
      ['read 1187 bytes (1.16 KB) from disk', 'read <num> bytes from disk'],
      ['waited >5s for lock', 'waited <dur> for lock'],
      ['heap 5->7 in <name>9</name>', 'heap <num>-><num> in <name><num></name>'],
      ['took 12µs overall', 'took <dur> overall'],
    ],
    keeps: ['size of KB', 'a <b> c', 'a->b', '<b>bold</b>'],
  },
  {
    name: 'hexadecimal',
    what: 'With 0x, or six or more hexadecimal digits with at least one decimal digit: addresses, digests, ids.',
    masks: [
      ['at 0x7f226f7e4178 now', 'at <hex> now'],
      ['commit 3f9c2ab1 pushed', 'commit <hex> pushed'],
      ['C-0xced97927bada: open', 'C-<hex>: open'],
      ['C-0xeef79bbd2b95: open', 'C-<hex>: open'],
    ],
    keeps: ['a decade of faded cafe'],
  },
  {
    name: 'UUID',
    what: '8-4-4-4-12 hexadecimal digits, alone or behind a prefix. The prefix is a word of the program.',
    masks: [
      ['volume 744ad48e-b9af-4159-9e2a-20ce676ed8f0 gone', 'volume <uuid> gone'],
      ['id req-0e7dc52a-914c-419c-a03f-256a2737de01 done', 'id req-<uuid> done'],
    ],
    keeps: ['a well-known end-of-file marker'],
  },
  {
    name: 'shortened id',
    what: 'A piece that ends in six hexadecimal digits makes the pieces behind its dashes part of the same id.',
    masks: [['port tap57b93b83-fd up', 'port <list> up']],
    keeps: ['first-class add-on', 'code dead-beef'],
  },
  {
    name: 'random token',
    what: 'Sixteen or more characters that change between lower case, upper case and digits as random text does.',
    masks: [
      ['audit i6BpMLLGSE2LcRTyXzWM-g written', 'audit <id> written'],
      ['key AKq9xZ3mPw7LtR2vBn5Y loaded', 'key <id> loaded'],
    ],
    keeps: ['class AbstractSingletonProxyFactoryBean', 'class ReportServerStatusCheckpoint'],
  },
  {
    name: 'identifier with digits',
    what: 'A word that mixes letters and more than two digits, or begins with a digit, names one thing of many.',
    masks: [
      ['block blk_38865049064139660 lost', 'block <id> lost'],
      ['node R02M1N0 up', 'node <id> up'],
      ['version 1.2.3 started', 'version <num> started'],
    ],
    keeps: ['protocol http2 chosen', 'eth0 is up', 'using utf8 text', 'ipv4 only'],
  },
  {
    name: 'name in the program',
    what: 'A word in front of an opening bracket and a name of three or more parts joined by dots, with at most two digits, stay.',
    masks: [
      ['jk2_init(x) of child 5', 'jk2_init(x) of child <num>'],
      ['node r12.m34.n5 up, build 1.2.x3', 'node <id> up, build <id>'],
    ],
    keeps: ['jk2_init() done', 'org.apache.log4j.Logger ready', 'neutron.plugins.ml2.db ready'],
  },
  {
    name: 'address',
    what: 'IPv4, a host with a port, MAC, IPv6: four groups of hexadecimal digits joined by colons, or fewer around `::`.',
    masks: [
      ['from 10.251.31.5 now', 'from <ip> now'],
      ['from /10.251.31.5:50010 now', 'from <endpoint> now'],
      ['connect to db-1.example.com:5432 failed', 'connect to <endpoint> failed'],
      ['state.clipTopAmount:180 now', 'state.clipTopAmount:<num> now'],
      ['peer 00:1b:21:3c:4d:5e seen', 'peer <mac> seen'],
      ['peer fe80::1 or 2001:db8::8a2e seen', 'peer <ip> or <ip> seen'],
      ['peer fe80::1ff:fe23:4567:890a seen', 'peer <ip> seen'],
    ],
    keeps: ['be:ad:sure', 'abc::def called', 'key:value', 'state.clipTop:value'],
  },
  {
    name: 'URL',
    what: 'A scheme with :// up to white space, a quote, a closing bracket or a comma; a redaction mark belongs to it.',
    masks: [
      ['GET https://shop.example.com/cart?id=7 failed', 'GET <url> failed'],
      ['open postgres://app:<redacted:userinfo>@db:5432/x failed', 'open <url> failed'],
      ['get /v2/items?key=<redacted:secret>&page=2 ok', 'get <path> ok'],
    ],
    keeps: ['scheme: file'],
  },
  {
    name: 'e-mail address',
    what: 'name@host.domain: it names one of many.',
    masks: [['mail to ada@shop.example.com. bounced', 'mail to <email>. bounced']],
    keeps: ['user@localhost', 'com.example.Lock@held'],
  },
  {
    name: 'path',
    what: 'An absolute path, a word with two slashes, a word with a slash and a digit; a query behind it belongs to it.',
    masks: [
      ['open /etc/nova/nova.conf failed', 'open <path> failed'],
      ['get /v2/items?limit=5&page=2 ok', 'get <path> ok'],
      ['load C:\\Windows\\winsxs\\x.dll ok', 'load <path> ok'],
      ['load lib/python/site.py ok', 'load <path> ok'],
    ],
    keeps: ['read/write access', 'and/or'],
  },
  {
    name: 'date and time',
    what: 'Dates and times in digits; names of months beside a number, names of weekdays in front of a date.',
    masks: [
      ['at 2018-06-27 21:50:32 done', 'at <time> done'],
      ['since Sat Jul 9 12:16:49 2005', 'since <time>'],
      ['on 14-Jul at noon', 'on <time> at noon'],
      ['at Fri Jul 01 08:16:53 PDT 2005 sharp', 'at <time> sharp'],
    ],
    keeps: ['you may march on', 'the sun is up', 'use UTC here'],
  },
  {
    name: 'boolean and null',
    what: 'true and false anywhere; null, None and the like behind = or a colon, where they stand for a value.',
    masks: [
      ['shouldBlock ret:true', 'shouldBlock ret:<bool>'],
      ['owner=None found', 'owner=<null> found'],
    ],
    keeps: ['None of the nodes answered'],
  },
  {
    name: 'value of a key',
    what: 'What stands behind key= up to a separator, brackets balanced, unless it is a plain word.',
    masks: [
      ['name=DNS[a,b] state=up', 'name=<list> state=up'],
      ['retry=3/5, rc=0x1f', 'retry=<num>, rc=<hex>'],
    ],
    keeps: ['state=running mode=fast'],
  },
  {
    name: 'quoted span',
    what: 'Up to 80 bytes in quotes: a variable with a digit in it or as a path, else one constant. Request lines are read on.',
    masks: [
      ['referrer "https://example.com/start" seen', 'referrer "<url>" seen'],
      ["creating device node '/udev/vcs2'", "creating device node '<path>'"],
      ["roles [u'x1', u'y2'] set", 'roles [<list>] set'],
      ['"GET /a/b HTTP/1.1" 200', '"GET <list>" <num>'],
    ],
    keeps: ['lock "WakeLocks" acquired', "can't open", "u'admin' allowed"],
  },
  {
    name: 'empty slot',
    what: 'Empty brackets with a blank in front: the place of a value that is missing this time.',
    masks: [['connection from host () at noon', 'connection from host (<*>) at noon']],
    keeps: ['init() done'],
  },
  {
    name: 'structured payload',
    what: 'Brackets with key=value, JSON and Python dicts: the top-level keys stay, each value is one variable.',
    masks: [
      ['got Port(id=7,name=a b,up=true)', 'got Port(id=<num>,name=<str>,up=<bool>)'],
      ['body {"id": 7, "tags": ["a", "b"]}', 'body {"id": <num>, "tags": <list>}'],
      ["token {'user': u'x', 'roles': [u'admin']} ok", "token {'user': <str>, 'roles': <list>} ok"],
    ],
    keeps: ['called (with care) twice'],
  },
  {
    name: 'message of a payload',
    what: 'The text under msg, message, event, log, error, err, reason or exception is read as a line: it says what happened.',
    masks: [
      ['{"level": "info", "msg": "order 17 placed"}', '{"level": <str>, "msg": "order <num> placed"}'],
      ['ts=5 msg="order 17 placed" n=3', 'ts=<num> msg="order <num> placed" n=<num>'],
      ['{"message":"boom\\n\\tat a.b(c)"}', '{"message":"boom<str>"}'],
    ],
    keeps: ['level=info msg="ready to serve"'],
  },
  {
    name: 'terminal colours',
    what: 'Colour codes are white space.',
    masks: [['\u001b[32mINFO\u001b[0m took 5 ms', 'INFO took <dur>']],
    keeps: [],
  },
  {
    name: 'map keyed by data',
    what: 'When most keys of a payload are ids themselves the whole map is one variable.',
    masks: [
      ['offsets {10001=5, 10002=7}', 'offsets {<map>}'],
      ["ips {u'2ec9ffa9-95c1-4ecd-8f64-83a300a572b8': u'UP'} sent", 'ips {<str>} sent'],
    ],
    keeps: [],
  },
  {
    name: 'list',
    what: 'Words separated by commas in brackets; three or more neighbours of which two are names with a small number.',
    masks: [
      ['nodes [alpha, beta, gamma] ready', 'nodes [<list>] ready'],
      ['got [Order(id=1)] and [Order(id=2), Order(id=3)]', 'got [<str>] and [<map>]'],
      ["reasons ['port was deleted', 'no [free] host'] seen", 'reasons [<str>] seen'],
      ['disks sda1 sdb1 sdc1 found', 'disks <list> found'],
    ],
    keeps: ['disks sda1 and sdb1 found', '[main] started', 'tag [preauth(x)] set'],
  },
  {
    name: 'runs of variables',
    what: 'Variables beside each other, or with one separator between, count as one however many there are.',
    masks: [
      ['Fan speeds 3552 3534 3391', 'Fan speeds <list>'],
      ['ports 80, 443, 8080 open', 'ports <list> open'],
    ],
    keeps: [],
  },
  {
    name: 'repeated block',
    what: 'Two to eight tokens with a variable that repeat at once count once: how often is data.',
    masks: [['iar 1 dear 2 iar 3 dear 4 end', 'iar <num> dear <list> end']],
    keeps: ['one by one by one'],
  },
  {
    name: 'stack frames in a record',
    what: 'Frames behind a line feed, any number of them, are one variable; the lines between them are read.',
    masks: [
      ['Error: boom\n    at f (/a/b.js:1:2)\n    at g (/a/b.js:3:4)', 'Error: boom <stack>'],
      [
        'IOException: x\n\tat a.b.C.m(C.java:3)\nCaused by: E: y\n\tat a.b.D.n(D.java:4)\n\t... 2 more',
        'IOException: x <stack> Caused by: E: y <stack>',
      ],
    ],
    keeps: [],
  },
];
