/** Defences of the port mapper against what answers in our network, removed one by one. Part of the table of mutants. */

const SSDP = 'test/io/nat/ssdp.test.ts';
const XML = 'test/io/nat/xml.test.ts';
const STUN = 'test/io/nat/stun-message.test.ts';
const PMP = 'test/io/nat/nat-pmp-message.test.ts';

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const NAT_MUTANTS = [
  {
    id: 'K21 nat: descriptions are fetched from anywhere',
    breaks: 'A device of our network makes us send requests to other hosts, also in the internet.',
    file: 'src/io/nat/ssdp.ts',
    from: 'return url && isNear(url, from) ? url : null;',
    to: 'return url;',
    test: [SSDP, 'K21: the place of a description of another network is not followed'],
  },
  {
    id: 'K21 nat: a long answer to the search is read',
    breaks: 'Work for one datagram has no bound but that of UDP.',
    file: 'src/io/nat/ssdp.ts',
    from: 'if (bytes.length > MAX_RESPONSE_BYTES) return null;',
    to: '',
    test: [
      SSDP,
      'K21: the place of a description in an answer that is none, has none or is too long is not followed',
    ],
  },
  {
    id: 'K21 nat: a service is called on any host',
    breaks: 'A description makes us send requests to other hosts.',
    file: 'src/io/nat/upnp-service.ts',
    from: "return type && control?.protocol === 'http:' && control.hostname === base.hostname",
    to: "return type && control?.protocol === 'http:'",
    test: [
      'test/io/nat/upnp-service.test.ts',
      'the services of a description are called on the host of the description only',
    ],
  },
  {
    id: 'K21 nat: any number of descriptions is fetched',
    breaks: 'One device that answers a search often makes us open as many connections.',
    file: 'src/io/nat/upnp.ts',
    from: 'if (seen.size >= MAX_DESCRIPTIONS) return;',
    to: '',
    test: ['test/io/nat/upnp.test.ts', 'the search fetches eight descriptions at most, each once'],
  },
  {
    id: 'K21 nat: a body of any length is read',
    breaks: 'A device of our network fills the memory.',
    file: 'src/io/nat/bounded-http.ts',
    from: 'if (size > MAX_BODY_BYTES) fail',
    to: 'if (size < 0) fail',
    test: [
      'test/io/nat/bounded-http.test.ts',
      'a body of 64 KiB is read, and one that is longer is not',
    ],
  },
  {
    id: 'K21 nat: a document may declare entities',
    breaks: 'A few bytes become many, or a file of ours.',
    file: 'src/io/nat/xml.ts',
    from: "if (source.startsWith('<!', start)) throw",
    to: 'if (start < 0) throw',
    test: [XML, 'XML is refused <!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
  },
  {
    id: 'K21 nat: XML of any depth is read',
    breaks: 'A deep document exhausts the stack.',
    file: 'src/io/nat/xml.ts',
    from: ' || open.length > MAX_DEPTH)',
    to: ')',
    test: [XML, `XML is refused ${'<a>'.repeat(20)}${'</a>'.repeat(20)}`],
  },
  {
    id: 'K21 nat: an answer to another STUN request is taken',
    breaks: 'Others on the network say which address we have.',
    file: 'src/io/nat/stun-message.ts',
    from: 'if (!transactionId.every((byte, index) => bytes[8 + index] === byte)) return null;',
    to: '',
    test: [STUN, 'an answer that is to another request is none'],
  },
  {
    id: 'K21 nat: an attribute may end behind its message',
    breaks: 'An address is read from bytes that were not sent.',
    file: 'src/io/nat/stun-message.ts',
    from: 'if (start + size > end) return null;',
    to: '',
    test: [STUN, 'an answer that has an attribute that goes beyond its end is none'],
  },
  {
    id: 'K21 nat: an answer about another mapping is taken',
    breaks: 'Our record names a port that leads to another one of ours.',
    file: 'src/io/nat/nat-pmp-message.ts',
    from: ' || view.getUint16(8) !== port) return null;',
    to: ') return null;',
    test: [
      PMP,
      'an answer about a mapping of another port, another protocol or half the length is none',
    ],
  },
  {
    id: 'K21 nat: datagrams of other devices are read',
    breaks: 'Any device of our network answers in the place of the router.',
    file: 'src/io/nat/udp-exchange.ts',
    from: 'if (datagram.from.host !== to.host || datagram.from.port !== to.port) return;',
    to: '',
    test: [
      'test/io/nat/udp-exchange.test.ts',
      'without a network only the device that was asked is listened to',
    ],
  },
];
