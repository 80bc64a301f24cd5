/** Defences of the admin API, each taken away. Part of the table of mutants. */

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const ADMIN_MUTANTS = [
  {
    id: 'W13 a file at the path of the socket',
    breaks: 'Whatever is at the path of the socket is replaced, as in go-ethereum.',
    file: 'src/admin/unix-endpoint.ts',
    from: 'if (!there.isSocket()) throw',
    to: 'if (there.isDirectory()) throw',
    test: ['test/admin/unix-endpoint.test.ts', 'a file, a folder or a link is left as it is'],
  },
  {
    id: 'W13 a socket for everyone',
    breaks: 'Every user of the machine can connect to the socket.',
    file: 'src/admin/unix-endpoint.ts',
    from: 'const SOCKET_MODE = 0o600;',
    to: 'const SOCKET_MODE = 0o666;',
    test: [
      'test/admin/unix-endpoint.test.ts',
      'the socket and its new folder are for the user of the node only',
    ],
  },
  {
    id: 'W14 an upgrade without the guard',
    breaks: 'A web page of another origin opens a WebSocket to the admin API.',
    file: 'src/web/http-server.ts',
    from: 'if (refusal) socket.end(refusalText(refusal), () => socket.destroy());\n      else onUpgrade',
    to: 'onUpgrade',
    test: [
      'test/admin/web-endpoint.test.ts',
      'WebSocket refuses a client of a page of another origin',
    ],
  },
  {
    id: 'W15 requests without an end',
    breaks: 'A client makes the node keep a request of any size.',
    file: 'src/admin/json-splitter.ts',
    from: 'if (this.#size > this.#maxBytes)',
    to: 'if (this.#depth > this.#maxBytes)',
    test: [
      'test/admin/json-splitter.test.ts',
      'a stream cannot be read any further when a text is too long, before all of it has come',
    ],
  },
  {
    id: 'W16 a client that does not read',
    breaks: 'Notifications for a client that does not read are kept without a limit.',
    file: 'src/admin/rpc-connection.ts',
    from: 'this.#unreadBytes += bytes;',
    to: '',
    test: [
      'test/admin/rpc-connection.test.ts',
      'a client that does not read is disconnected when too many notifications wait for it',
    ],
  },
  {
    id: 'W17 a rounded id',
    breaks: 'The answer to a call has another id than the call.',
    file: 'src/admin/json-rpc.ts',
    from: "(typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER)",
    to: "typeof id === 'number'",
    test: ['test/admin/json-rpc.test.ts', 'a request whose id would be rounded is invalid'],
  },
];
