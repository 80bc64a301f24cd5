/** Broken configuration files, each with the one message that it gives behind its path. */
export const BROKEN_FILES: readonly (readonly [what: string, text: string, message: string])[] = [
  ['a key without a value', 'datadir =\n', ':1: not valid TOML: invalid value'],
  [
    'a text without its end',
    'datadir = "x\n',
    ':1: not valid TOML: control characters are not allowed in strings',
  ],
  [
    'a key twice',
    'echo = true\necho = false\n',
    ':2: not valid TOML: trying to redefine an already defined table or value',
  ],
  [
    'a table twice',
    '[server]\nnoDial = true\n[server]\n',
    ':3: not valid TOML: trying to redefine an already defined table or value',
  ],
  [
    'arrays in arrays in arrays',
    `offer = ${'['.repeat(40)}`,
    ':1: not valid TOML: document contains excessively nested structures. aborting.',
  ],
  [
    'a key that changes objects',
    '__proto__ = 1\n',
    ':1: not valid TOML: document contains an unsafe property',
  ],
  ['an unknown setting', 'colour = "red"\n', ':1: colour: there is no such setting'],
  [
    'an unknown setting of a table',
    '\n[server]\nspeed = 1\n',
    ':3: server.speed: there is no such setting',
  ],
  ['an unknown table', '[sever]\n', ':1: sever: there is no such setting'],
  [
    'lower case for upper case',
    '[server]\nmaxpeers = 3\n',
    ':2: server.maxpeers: there is no such setting; there is server.maxPeers',
  ],
  [
    'a setting outside of its table',
    'staticNodes = []\n',
    ':1: staticNodes: there is no such setting; there is server.staticNodes',
  ],
  [
    'a P2P name that go-ethereum does not have',
    '[Node.P2P]\nMaxPeer = 3\n',
    ':2: Node.P2P.MaxPeer: there is no such setting',
  ],
  [
    'a table in place of a value',
    '[server]\nmaxPeers = { most = 3 }\n',
    ':2: server.maxPeers.most: there is no such setting',
  ],
  [
    'a text in place of a number',
    '[server]\nmaxPeers = "3"\n',
    ':2: server.maxPeers: expected a number, got "3"',
  ],
  ['a number in place of a text', 'datadir = 3\n', ':1: datadir: expected a text, got 3'],
  [
    'a number in place of true',
    '[server]\nnoDial = 1\n',
    ':2: server.noDial: expected true or false, got 1',
  ],
  [
    'a text in place of a list',
    '[server]\nstaticNodes = "enode://x"\n',
    ':2: server.staticNodes: expected a list of texts, got "enode://x"',
  ],
  [
    'a number in a list',
    '[server]\nnetRestrict = ["10.0.0.0/8", 7]\n',
    ':2: server.netRestrict: item 2: expected a text, got 7',
  ],
  [
    'a negative number',
    '[Node.P2P]\nMaxPeers = -1\n',
    ':2: Node.P2P.MaxPeers: expected a whole number from 0 to 100000, got -1',
  ],
  [
    'a fraction',
    '[server.listen]\nport = 1.5\n',
    ':2: server.listen.port: expected a whole number from 0 to 65535, got 1.5',
  ],
  [
    'a port that is too high',
    '[server]\nlisten.port = 65536\n',
    ':2: server.listen.port: expected a whole number from 0 to 65535, got 65536',
  ],
  [
    'a value in the place of a table',
    '[server]\nlisten = ":30303"\n',
    ':2: server.listen: expected a table, got ":30303"',
  ],
  [
    "a value in the place of a table of go-ethereum's",
    '[Node]\nP2P = 4\n',
    ':2: Node.P2P: expected a table, got 4',
  ],
  [
    'a list of tables in the place of a table',
    '[[server]]\nmaxPeers = 4\n',
    ':1: server: expected a table, got [{"maxPeers":4}]',
  ],
  ['an empty text', 'datadir = ""\n', ':1: datadir: expected a text that is not empty, got ""'],
  [
    'an empty list of networks',
    '[Node.P2P]\nNetRestrict = []\n',
    ':2: Node.P2P.NetRestrict: expected at least one network; without the setting every address is accepted, got []',
  ],
  [
    'a network that is none',
    '[Node.P2P]\nNetRestrict = ["LAN"]\n',
    ':2: Node.P2P.NetRestrict: item 1: expected a network, such as 192.0.2.0/24 or 2001:db8::/32, got "LAN"',
  ],
  [
    'an enode URL without its key',
    '[Node.P2P]\nBootstrapNodes = ["enode://192.0.2.1:30303"]\n',
    ':2: Node.P2P.BootstrapNodes: item 1: enode public key expected one before an "@", got "enode://192.0.2.1:30303"',
  ],
  [
    'a node record that is none',
    '[server]\ntrustedNodes = [\n  "enr:abc",\n]\n',
    ':2: server.trustedNodes: item 1: ',
  ],
  [
    'a listening address without a port',
    '[Node.P2P]\nListenAddr = "192.0.2.1"\n',
    ':2: Node.P2P.ListenAddr: expected an address and a port, such as 192.0.2.1:30303, got "192.0.2.1"',
  ],
  [
    'a discovery address without a port',
    '[Node.P2P]\nDiscAddr = "192.0.2.1"\n',
    ':2: Node.P2P.DiscAddr: expected an address and a port, such as 192.0.2.1:30303, got "192.0.2.1"',
  ],
  ['an unknown way through a router', '[Node.P2P]\nNAT = "router"\n', ':2: Node.P2P.NAT: '],
  [
    'an external address that is a name',
    '[server]\nexternalIp = "node.example"\n',
    ':2: server.externalIp: expected the IP address of one host, got "node.example"',
  ],
  [
    'an unknown way of finding nodes',
    '[server]\ndiscovery = "v6"\n',
    ':2: server.discovery: expected v4, v5 and dns, with commas, or none, got "v6"',
  ],
  [
    'a text in place of false',
    '[Node.P2P]\nDiscoveryV5 = "no"\n',
    ':2: Node.P2P.DiscoveryV5: expected true or false, got "no"',
  ],
  [
    'a node list without its key',
    '[server]\ndnsTrees = ["enrtree://nodes.example"]\n',
    ':2: server.dnsTrees: item 1: ',
  ],
  [
    'a capability without a version',
    'offer = ["eth"]\n',
    ':1: offer: item 1: expected a name of up to 8 characters and a version: eth/69, got "eth"',
  ],
  [
    'a capability twice',
    'offer = ["eth/69", "eth/69"]\n',
    ':1: offer: item 2: expected each capability once, got "eth/69"',
  ],
  [
    'an unknown log level',
    '[log]\nlevel = "loud"\n',
    ':2: log.level: expected fatal, error, warn, info, debug, trace, silent, got "loud"',
  ],
  [
    'a budget that is too small',
    '[server]\nsendBudgetBytes = 1\n',
    ':2: server.sendBudgetBytes: expected a whole number from 33554432 to 9007199254740991, got 1',
  ],
  [
    'the same in both ways of writing',
    '[server]\nmaxPeers = 3\n[Node.P2P]\nMaxPeers = 4\n',
    ':4: Node.P2P.MaxPeers: says the same as server.maxPeers: remove one of them',
  ],
  [
    'an API for other computers',
    '[Node]\nHTTPHost = "0.0.0.0"\n',
    ':2: Node.HTTPHost: expected 127.0.0.1, ::1, localhost, got "0.0.0.0"',
  ],
  [
    'an identity with a slash',
    '[Node]\nUserIdent = "a/b"\n',
    ':2: Node.UserIdent: expected 1 to 64 printable ASCII characters without a slash, got "a/b"',
  ],
  [
    'an unknown namespace',
    '[admin.http]\napis = ["eth"]\n',
    ':2: admin.http.apis: item 1: expected admin, debug, net, peerchart, web3, got "eth"',
  ],
];
