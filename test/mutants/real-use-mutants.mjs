/** Faults that real use has shown: each one is put back, and the test that was written for it has to fail. Part of the table of mutants. */

/** @type {readonly import('./mutants.d.mts').Mutant[]} */
export const REAL_USE_MUTANTS = [
  {
    id: 'U1 a sender without turns',
    breaks: 'A loop that awaits each send() blocks the process while the remote reads fast enough.',
    file: 'src/io/link/write-queue.ts',
    from: 'this.#sealed.length === 0 && this.#handableBytes > 0 && !this.#turn.isOver;',
    to: 'this.#sealed.length === 0 && this.#handableBytes > 0;',
    test: [
      'test/io/link/write-queue.test.ts',
      'a fast sender sends 16 messages in one turn of the event loop, and loses none',
    ],
  },
  {
    id: 'U4 a stall deadline that progress does not move',
    breaks: 'A remote that reads slowly and steadily is dropped after 20 s.',
    file: 'src/io/link/write-queue.ts',
    from: 'if (left > 0) this.#stallDeadline.arm(left);\n    else this.#reportStall(WRITE_STALL_MS);',
    to: 'this.#reportStall(WRITE_STALL_MS);',
    test: [
      'test/io/link/write-queue-stall.test.ts',
      'R4: a remote that reads nothing has 20 s more from each part that it took on',
    ],
  },
  {
    id: 'U5 a pong clock that bytes do not move',
    breaks: 'A peer is dropped for a late pong while its large message arrives.',
    file: 'src/io/link/link-timeouts.ts',
    from: 'const since = Math.max(this.#pingTakenAt ?? now, this.#lastBytesAt, this.#lastTakenAt);',
    to: 'const since = this.#pingTakenAt ?? now;',
    test: [
      'test/io/link/link-timeouts.test.ts',
      'a pong while there is progress is overdue 20 s after part of a message, to the millisecond',
    ],
  },
  {
    id: 'U5 a pong awaited before its ping left',
    breaks: 'The wait for a pong begins when the ping is queued behind a large message.',
    file: 'src/io/link/link-timeouts.ts',
    from: 'return this.#hooks.isHeld() || this.#pingTakenAt === null;',
    to: 'return this.#hooks.isHeld();',
    test: [
      'test/io/link/link-timeouts.test.ts',
      'a pong while there is progress is not awaited while its ping is queued, and is deferred every 15 s',
    ],
  },
  {
    id: 'U6 a handler that takes messages counts as stalled',
    breaks: 'A slow and steady handler ends its peer after 20 s.',
    file: 'src/io/link/message-router.ts',
    from: 'if (leftMs > 0) return this.#stallDeadline.arm(leftMs);',
    to: '',
    test: [
      'test/io/link/message-router-queues.test.ts',
      'F2: a handler that does not take its messages is not reported while it takes one in 20 s, however long its queue stays full',
    ],
  },
  {
    id: 'U7 pings of a pause count as a flood',
    breaks: 'Pings that arrived while this process stood still end the peer.',
    file: 'src/io/link/message-router.ts',
    from: 'export const PING_BURST = 60;',
    to: 'export const PING_BURST = 5;',
    test: [
      'test/io/link/message-router.test.ts',
      'P1: pings one each 2 s, read only after this process stood still for 14 s, is no flood',
    ],
  },
  {
    id: 'U9 silent names keep their turn',
    breaks: 'Names whose name server is silent keep the other names from being looked up.',
    file: 'src/io/adapters/host-lookups.ts',
    from: 'this.#timer = this.#clock.setTimeout(() => this.#giveWay(oldest), Math.max(0, left));',
    to: 'void left;',
    test: [
      'test/io/adapters/host-lookups.test.ts',
      'lookups of host names a silent name server keeps no other name from being looked up',
    ],
  },
  {
    id: 'U9 a lookup without a dial',
    breaks: 'A lookup goes on after its dial ended, and keeps the process alive.',
    file: 'src/io/adapters/host-lookups.ts',
    from: 'this.#remove(lookup);\n      lookup.cancel();',
    to: 'this.#remove(lookup);',
    test: [
      'test/io/adapters/host-lookups.test.ts',
      'lookups of host names a lookup ends when the last who asked withdraws, and not before',
    ],
  },
  {
    id: 'U10 one address of a name',
    breaks: 'Only the first address of a name is tried.',
    file: 'src/machines/dialing/dial-task.ts',
    from: '[...new Set([address, ...others])].slice(0, MAX_DIAL_ADDRESSES)',
    to: '[...new Set([address, ...others])].slice(0, 1)',
    test: [
      'test/machines/dialing/dial-task-addresses.test.ts',
      'a server reaches a node at the second address of its name',
    ],
  },
  {
    id: 'U15 a long client name',
    breaks: 'A Hello is refused for the length of its client name.',
    file: 'src/io/wire/hello.ts',
    from: 'return decodeText(bytes.subarray(0, MAX_CLIENT_BYTES), bytes.length > MAX_CLIENT_BYTES);',
    to: "if (bytes.length > MAX_CLIENT_BYTES) throw malformed('name');\n  return decodeText(bytes);",
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello D15, P3: a client name is cut at 256 bytes, between two characters',
    ],
  },
  {
    id: 'U15 many capabilities',
    breaks: 'A Hello is refused for 65 capabilities, one of them shared.',
    file: 'src/io/wire/hello.ts',
    from: 'for (const pair of asList(value)) {',
    to: 'for (const pair of asList(value).slice(0, MAX_CAPABILITIES)) {',
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello D15, P3: every capability that fits into 2 KiB is read',
    ],
  },
  {
    id: 'U15 a large version',
    breaks: 'A Hello is refused for a capability that is not shared and has a version of 2³¹.',
    file: 'src/io/wire/hello.ts',
    from: 'const version = asUint64(second);',
    to: 'const version = asUint(second, 2 ** 31 - 1);',
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello P3: a capability with version 2³¹ is read',
    ],
  },
  {
    id: 'U15 bytes behind the list',
    breaks: 'A Hello is refused for the bytes behind its list.',
    file: 'src/io/wire/rlp.ts',
    from: "if (!isList) throw malformed('expected a list');\n  const items: RlpValue[] = [];",
    to: "if (!isList || end < bytes.length) throw malformed('expected a list');\n  const items: RlpValue[] = [];",
    test: [
      'test/io/wire/hello.test.ts',
      'P3: the limits of Hello bytes behind the list and anything in further items are ignored',
    ],
  },
  {
    id: 'U16 a compressed Disconnect',
    breaks: 'The reason of a compressed Disconnect is lost.',
    file: 'src/io/wire/disconnect.ts',
    from: 'return plain.length > 0 ? plain : payload;',
    to: 'void plain;\n    return payload;',
    test: [
      'test/io/wire/disconnect.test.ts',
      'P5: Disconnect from a hostile peer D16: each reason is read compressed, and with bytes behind it',
    ],
  },
  {
    id: 'U16 a length in the long form',
    breaks: 'The reason is lost when the length of its list has bytes of its own.',
    file: 'src/io/wire/disconnect.ts',
    from: 'const start = 1 + Math.max(0, short - MAX_SHORT_BYTES);',
    to: 'const start = 1;',
    test: [
      'test/io/wire/disconnect.test.ts',
      'P5: Disconnect from a hostile peer D16: each code is read with a length in front that it does not need',
    ],
  },
  {
    id: 'U18 stop() before a start',
    breaks: 'stop() of a server that never ran ends nothing.',
    file: 'src/machines/server/server.ts',
    from: "on: { start: 'active', stop: 'stopped' },",
    to: "on: { start: 'active', stop: {} },",
    test: [
      'test/machines/server/server-stopping.test.ts',
      'stop E18: stops a server that was not started',
    ],
  },
  {
    id: 'U19 a rejected promise of a listener',
    breaks: 'A listener whose promise rejects ends the process.',
    file: 'src/api/user-call.ts',
    from: 'reportRejection(call(), onFault);',
    to: 'call();',
    test: [
      'test/testing/world/actor-watch.test.ts',
      'E19: an observer whose promise rejects is reported',
    ],
  },
  {
    id: 'U24 a session in a cookie',
    breaks: 'The session travels in a cookie, which every port of the host gets.',
    file: 'src/inspect/web/routes.ts',
    from: 'const session = signIn.sessionOf(c.req.header(TOKEN_HEADER));',
    to: "const session = signIn.sessionOf(c.req.header('cookie')?.match(/token=(.+)/)?.[1]);",
    test: [
      'test/inspect/web/sign-in.test.ts',
      'a session is a header, and no cookie opens or sets anything',
    ],
  },
  {
    id: 'U25 a link that works twice',
    breaks: 'The code of a link stays valid after it was exchanged.',
    file: 'src/inspect/web/sessions.ts',
    from: '(other) => other !== found && other.goodUntil > now',
    to: '(other) => other.goodUntil > now',
    test: [
      'test/inspect/web/sign-in.test.ts',
      'a link is consumed by a browser with a session, whose earlier session ends',
    ],
  },
  {
    id: 'U29 an empty host',
    breaks: 'An empty host binds every address of the machine.',
    file: 'src/server/options-schema.ts',
    from: "typeof value === 'string' && (parseIp(value) !== null || HOST_NAME.test(value))",
    to: "typeof value === 'string'",
    test: [
      'test/server/options-schema.test.ts',
      "the shape of the options a host to listen on that is no address and no name is refused: ''",
    ],
  },
];
