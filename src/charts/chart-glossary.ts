/**
 * What the names of actions, conditions, delays and actors in the charts mean, one sentence each, for the pages of
 * docs/statecharts. A test asks for every name that a chart uses. Longer than 400 lines: it is one table.
 */

type Words = Readonly<Record<string, string>>;

export type Glossary = {
  readonly actions: Words;
  readonly conditions: Words;
  readonly delays: Words;
  /** Adapters and machines that the chart starts. */
  readonly actors: Words;
};

const NONE: Glossary = { actions: {}, conditions: {}, delays: {}, actors: {} };

/** By the id of the machine; empty for machines that are not of this package. */
export const glossaryOf = (id: string): Glossary => GLOSSARIES[id] ?? NONE;

/** Sentences of actions that raise begin with "Raises": the tables repeat them in the cells of their transitions. */
const JUDGE_CLOSE = 'Raises a `fail.…` event, by how the remote closed the link.';

const GLOSSARIES: Readonly<Record<string, Glossary>> = {
  'connection-setup': {
    actions: {
      tellLink: 'Sends the command to the link.',
      noteKey: 'Keeps the public key and the node id that the enc handshake proved.',
      noteHello: 'Keeps their Hello.',
      reportAuth:
        'Tells the run loop that the holder of this slot sent a whole auth, so that the slot is not given to another caller.',
      askPostHandshake: 'Asks the run loop whether there is room for this key.',
      askAddPeer: 'Asks the run loop whether this node becomes a peer, with their capabilities.',
      noteEnding: 'Keeps the outcome, the end state and its facts for the output.',
      judgeFault: 'Raises a `reject.…` or `fail.…` event, by what is wrong with their bytes.',
      judgeDisconnect: 'Raises a `refuse.…` event, by the reason in their Disconnect.',
      judgeClose: JUDGE_CLOSE,
      reject: 'Raises a `reject.…` event: the one that the transition gives it.',
      fail: 'Raises a `fail.…` event: the one that the transition gives it.',
    },
    conditions: {
      isInbound: 'They dialled us.',
      hasDestinationKey: 'The record that we dialled has a public key, which an auth is made for.',
      isIdentityProven: 'The public key in Hello is the one that the enc handshake proved.',
    },
    delays: {
      encHandshakeTimeout: 'Longest enc handshake, from its first state to its last.',
      turnTimeout: 'Longest wait of an auth until it is decrypted.',
      helloTimeout: 'Longest wait for their Hello.',
      checkpointTimeout: 'Longest wait for the answer of the run loop.',
      farewell: 'Time for them to close the link first.',
    },
    actors: { link: 'One RLPx connection: performs each step of the handshake on command.' },
  },
  'dial-task': {
    actions: {
      noteAddresses: 'Keeps the addresses of the host name; the first one is dialled first.',
      tryNext: 'Moves on to the next address of the host name.',
      noteOutside: 'Notes that this address is outside NetRestrict and is not dialled.',
      noteTried: 'Notes the address that was tried, and how it failed.',
      settleOnFailure: 'Chooses the failure to report, from those of all addresses.',
      moveTo: 'Takes the address that the node resolver gave.',
      noteFound: 'Notes what the node resolver found.',
      note: 'Keeps the detail of the failure.',
      noteFailure: 'Keeps the failure to report if the node resolver finds no other address.',
      noteNotFound: 'Notes that the node resolver found nothing.',
      fail: 'Raises the `fail.…` event of the failure that was noted.',
      supersedeSetup:
        'Tells the connection-setup that the node became a peer over another connection.',
      cancelSetup: 'Tells the connection-setup that its connection is no longer wanted.',
      emitSocket: 'Hands the connected socket over; a connection-setup is started on it.',
    },
    conditions: {
      hasNoAddress: 'The node record has no address.',
      canResolve:
        'There is a node resolver, it may be asked now, and this attempt has not asked it.',
      isKnownAddress: 'The address that was found is empty, or was tried already.',
      isOutside: 'The address is outside NetRestrict.',
      hasAnother: 'The host name has another address.',
      isEveryAddressOutside: 'All addresses are outside NetRestrict, so none was dialled.',
      endsAs: 'The failure to report is the one named here.',
      hasNoPort: 'The node record has no TCP port.',
      isHostName: 'The host is a name that has to be looked up.',
      isOutsideNetRestrict: 'The address that was found is outside NetRestrict.',
      isAdmitted: 'The connection-setup was admitted: the node is a peer.',
    },
    delays: {
      hostLookupTimeout: 'Longest look-up of a host name.',
      resolveTimeout: 'Longest search for another address of the node.',
      connectTimeout: '15 s, shared by the addresses of a host name.',
      settingUpTimeout: 'Longest wait for the connection-setup; more than its own limits together.',
    },
    actors: {
      resolver: 'Looks up one host name.',
      nodeResolver: 'Looks for the present address of a node.',
      dialer: 'One attempt to connect over TCP.',
    },
  },
  'dial-scheduler': {
    actions: {
      turn: 'Raises `turn`: the generator is asked what to dial now.',
      addStatic: 'Adds a node to those that are kept connected, or changes its address.',
      removeStatic: 'Removes a node from those that are kept connected.',
      addPeer: 'Notes a new peer and how it came to be one.',
      removePeer: 'Notes that a node is no longer a peer.',
      notePending: 'Notes an inbound connection of this node, which is not dialled meanwhile.',
      noteCompleted: 'Notes that an inbound connection of this node ended or became a peer.',
      expireHistory: 'The node may be dialled again.',
      allowResolve: 'The node resolver may be asked about this node again.',
      addCandidate: 'Adds a node from the source of candidates.',
      countInvalid: 'Counts a candidate that is not an enode URL.',
      endDial: 'Frees the slot of the dial, and sets the pause of the node resolver.',
      forgetHistory: 'Cancels the redial delay of this node.',
      cancelDial: 'Asks the server to end the dial to this node, if one is running.',
      cancelIfInbound: 'Ends the dial to a node that became a peer over an inbound connection.',
      cancelDials: 'Asks the server to end all dials.',
      launch: 'Asks the generator for dials and requests as many of them as there are slots.',
      reportHeldBack:
        'Reports static nodes that are due and not dialled, because dialled peers take every place.',
      reportReleased: 'Reports that no static node is held back any more.',
      openCandidates: 'Starts to read candidates.',
      closeCandidates: 'Stops reading candidates.',
      pull: 'Asks for one candidate.',
      reportCandidatesLost: 'Reports that the source of candidates failed.',
    },
    conditions: {
      hasSlot: 'A slot for a dial is free.',
      isSaturated: 'No slot for a dial is free.',
      isIdle: 'No dial is running.',
      hasPeer: 'There is a peer.',
      hasNoPeer: 'There is no peer.',
      hasNoBootnodes: 'No bootnode is configured.',
      hasCandidates: 'There is a source of candidates.',
      canAddStatic: 'The node is known already, or there is room for another static node.',
    },
    delays: {
      redialDelay: 'From the start of a dial to the next one to the same node.',
      fallbackDelay: 'Time without any peer after which bootnodes are dialled.',
      candidatePause: 'Pause after a candidate that was skipped or invalid.',
      cancelTimeout: 'Longest wait for cancelled dials to end.',
    },
    actors: { candidates: 'Reads nodes from the source of candidates, one for each `pull`.' },
  },
  'bootnode-name': {
    actions: {
      noteAddress: 'Keeps the address that was found.',
      countFailure: 'Counts the lookups in a row that found none.',
    },
    conditions: {},
    delays: {
      nameLookupTimeout: 'Longest look-up of the name.',
      namePause: 'Pause before the next look-up; it doubles with each that fails, up to 10 min.',
    },
    actors: { resolver: 'Looks up the host name.' },
  },
  'discv5-session': {
    actions: {
      contact: 'Sends a packet without content, which the node has to challenge.',
      answer: 'Makes keys, and answers the challenge of the node with our request.',
      challenge: 'Sends our challenge.',
      verify: 'Checks the handshake that came, and makes the keys.',
      keep: 'Takes the keys into use.',
    },
    conditions: {
      isCausedBy: 'The handshake begins for the reason named here.',
      isFault: 'The handshake has the fault that the state is named after.',
    },
    delays: {
      answerTimeout: 'Backstop behind the time limit of the request itself.',
      challengeTimeout: 'How long our challenge may be answered.',
      keysTimeout: 'Longest computation of keys.',
      sessionLifetime: 'How long keys are in use.',
    },
    actors: { handshake: 'Does the steps of one handshake, and has its keys.' },
  },
  'dns-tree': {
    actions: {
      readRoot: 'Sends `read.root` to the reader: a query for the root.',
      readEntry: 'Sends `read.entry` to the reader: the cache or a query gives the next entry.',
      countCheck: 'Counts the reading of the root; a node starts the count anew.',
      noteRoot: 'Keeps the sequence number of the root; failures of entries are counted anew.',
      noteRound: 'Keeps how many entries are left, and how many nodes this round has given.',
      noteNode: 'A node was found: the next pause is a short one.',
      noteFailure: 'Keeps why the root or the entry could not be read.',
      countEntryFailure: 'Counts the entries that could not be read since the root was read.',
    },
    conditions: {
      isNode: 'The entry is a node record.',
      hasTooManyFailures: 'So many entries could not be read that the root may have changed.',
      hasUnread: 'An entry of this round is known and unread.',
      hasNodes: 'This round has given a node.',
    },
    delays: {
      rootRecheck: 'From a root to its next check.',
      roundPause: 'Pause before the nodes of the list are given again.',
      readTimeout: 'Backstop behind the time limit of a query and its wait for a turn.',
      rootPause:
        'Pause before the root is read again; it doubles until a node is found, up to 5 min.',
    },
    actors: { reader: 'Reads the root and the entries of this list, one at a time.' },
  },
  'port-mapper': {
    actions: {
      search: 'Looks for a gateway.',
      noteGateway: 'Keeps the name and the address of the gateway.',
      noteFault: 'Keeps why the call failed.',
      reportFault: 'Sends to the server why there is no gateway, a sentence for the log.',
      askAddress: 'Asks the gateway for its external address.',
      takeAddress:
        'If the external address is another one: sends it to the server, and raises `address.changed`, so that mappings are renewed.',
      countAddress: 'The gateway answered: questions without an answer are counted from zero.',
      countNoAddress: 'Counts the questions in a row without an external address.',
      forgetGateway: 'Forgets the gateway; our record no longer claims its address and its ports.',
      takePort: 'Keeps where we listen.',
      unmapOther: 'Deletes the mapping to a port that we no longer listen on.',
      map: 'Asks the gateway to map the port for 10 min, to the external port it had before.',
      takeMapping: 'Keeps the external port and sends it to the server, for our record.',
      countFailure: 'Counts how often in a row the mapping was not renewed.',
      unmap: 'Asks the gateway to delete the mapping.',
      reportUnmapped: 'Sends to the server that no external port leads to ours.',
      forgetMapping: 'Forgets the external port.',
      abort: 'Ends the calls to the gateway that are not answered.',
    },
    conditions: {
      isFor: 'It is about the port of this protocol.',
      isBound: 'We listen on a port of this protocol.',
      isForItsPort: 'It is about the port of this protocol that we listen on now.',
      isLastFailureOf: 'The mapping of this port was not renewed six times in a row.',
      isLastFailure: 'The mapping was not renewed six times in a row.',
      hasNoMapping: 'No external port leads to ours.',
      isGatewayLost: 'Six questions in a row brought no external address.',
    },
    delays: {
      searchTimeout: 'Backstop behind the limits of the search itself.',
      searchPause: 'Pause before the next search.',
      callTimeout: 'Backstop behind the limits of a call to the gateway.',
      addressPoll: 'From one question for the external address to the next.',
      refreshInterval: 'From one mapping to the next of the same port.',
      retryPause: 'Pause after a mapping that failed.',
      closeTimeout: 'Longest deletion of the mappings at the stop.',
    },
    actors: { gateway: 'Finds the gateway of our network and calls it, one call at a time.' },
  },
  'endpoint-proof': {
    actions: {
      notePong: 'Keeps the time from ping to pong, and the sequence number of their record.',
    },
    conditions: { isBecause: 'The ping was refused for the reason that the state is named after.' },
    delays: {
      pongTimeout: 'Backstop behind the time limit of the request itself.',
      theirPingTimeout: 'Longest wait for their ping, which may never come.',
    },
    actors: { prober: 'Sends one ping, and waits for its pong and for their ping.' },
  },
  listener: {
    actions: {
      noteBound: 'Keeps the address that was bound.',
      admit: 'Takes a slot for this caller, remembers it for the throttle, and reports its socket.',
      replaceOldest: 'Takes the slot of the oldest connection that has not sent a whole auth.',
      returnSlot: 'Frees the slot.',
      keepSlot:
        'Notes that the holder of this slot sent a whole auth: it is not replaced any more.',
      report: 'Sends this report to the server.',
      lookUp: 'Asks for what is known about the caller before it sends a byte.',
      turnAway: 'Has the socket destroyed, and counts it.',
      reportTurnedAway: 'Reports how many callers were turned away, and why.',
      noteFault: 'Keeps the error for the report.',
      countLoss: 'Counts the loss: each one in a row doubles the pause before the next attempt.',
      reportFault: 'Reports that listening failed, with the error.',
      reportLoss: 'Reports that listening was lost, and when it is tried again.',
      closeSocket: 'Closes the listening socket.',
    },
    conditions: {
      isFull: 'Every slot is taken.',
      hasRoom: 'A slot is free.',
      isEmpty: 'No slot is taken.',
      hasNeverBound: 'The address was never bound: this is the start.',
      isDue: 'The pause named here is the next one.',
      isTemporary: 'The error of accepting will pass, as when too many files are open.',
      isOutsideNetRestrict: 'The caller is outside NetRestrict.',
      isThrottled: 'The same address called less than 30 s ago, and is not in the LAN.',
      isSourceBusy: 'The same source holds as many slots as one may.',
      canReplace:
        'A connection that has not sent a whole auth holds a slot, and may lose it to this caller.',
    },
    delays: {
      acceptPause: 'Pause after a temporary error of accepting.',
      bindTimeout: 'Longest wait for the address to be bound.',
      drainTimeout: 'Longest wait for slots to return after the socket closed.',
      turnedAwayReport: 'From the first caller turned away to the report about all of them.',
      after1s: 'First pause before the address is bound again.',
      after2s: 'Second pause.',
      after4s: 'Third pause.',
      after8s: 'Fourth pause.',
      after16s: 'Fifth pause.',
      after32s: 'Sixth pause.',
      after60s: 'Every further pause.',
    },
    actors: {
      socketServer: 'A listening TCP socket.',
      callerLookup: 'Adds time, source and the NetRestrict result to a new socket.',
    },
  },
  'local-node': {
    actions: {
      reportReady: 'Sends to the server that connections may begin.',
      reportFailed: 'Sends to the server why it is not ready.',
      reportFault: 'Sends to the server what went wrong, a sentence for the log.',
      setNextSeq: 'Takes the sequence number of the next record, which is higher than all before.',
      setTcpPort: 'Takes the port that we listen on.',
      setUdpPort: 'Takes the port of discovery.',
      countStatement: 'Counts what another network sees as our endpoint.',
      adopt: 'Claims the endpoints that enough networks see.',
      sign: 'Sends the claims and the next sequence number to the key.',
      keepRecord: 'Keeps the record that was signed, and saves its sequence number.',
      closeStore: 'Sends `close` to the store.',
    },
    conditions: {
      isGiven: 'The operator gave an address of this family.',
      isSeen: 'An endpoint of this family was adopted that other nodes see.',
      isFallback: 'There is only the fallback for this family.',
      isStale: 'The claims are not those that were signed last.',
      isOutvoted: 'Enough networks see another endpoint than the one that was adopted.',
    },
    delays: {
      keyTimeout: 'Longest preparation of the key.',
      storeTimeout: 'Longest opening of the node store.',
      signTimeout: 'Longest signing of a record.',
      pause: 'Time between two changes of the record by other nodes.',
      storeCloseTimeout: 'Longest closing of the node store.',
    },
    actors: {
      signer: 'Prepares our key, and signs our records.',
      nodeStore: 'Opens, reads, writes and closes the node store.',
    },
  },
  lookup: {
    actions: {
      emitSeeds: 'Emits each node of the table that the lookup starts with.',
      askNext:
        'Asks the closest nodes that were not asked, up to three at once and 64 in all, each for a limited time.',
      takeAnswer: 'Adds the nodes that were returned, and emits those that are new.',
      takeFailure: 'Notes that this node returned nothing.',
      forgetTimer: 'Stops the time limit of this node.',
    },
    conditions: {
      isPending: 'The node was asked, and its time is not over.',
      hasNoSeed: 'The table has no node to ask.',
      isOver: 'No node is asked, and none may be asked.',
      isAtLimit: 'As many nodes were asked as may be, and there are closer ones.',
      isFruitless: 'No node is asked, none may be asked, and none returned another one.',
    },
    delays: {
      askTimeout: 'Longest wait for one node, with its endpoint proof.',
      lookupTimeout: 'Longest lookup.',
    },
    actors: { asker: 'Asks nodes for those they know near the target.' },
  },
  peer: {
    actions: {
      tellLink: 'Sends the command to the link.',
      announce: 'Emits that the peer is there; users get `add`.',
      proceed:
        'Sends itself `announcement.delivered`, so that protocols start after the announcement.',
      startProtocols: 'Starts one protocol machine for each shared protocol.',
      noteFinished: 'Notes that this protocol has ended.',
      noteEnding: 'Keeps the outcome, the end state and its facts for the output.',
      announceEnding: 'Emits how the peer ends; ports of protocols are closed with it.',
      judgeFault: 'Raises a `reject.…` or `fail.…` event, by what is wrong with their bytes.',
      judgeDisconnect: 'Raises a `refuse.…` event, by the reason in their Disconnect.',
      judgeClose: JUDGE_CLOSE,
      reject: 'Raises a `reject.…` event: the one that the transition gives it.',
      fail: 'Raises a `fail.…` event: the one that the transition gives it.',
    },
    conditions: { isFinished: 'Every protocol has ended.' },
    delays: {
      pingInterval: 'From one ping to the next.',
      pongBackstop: 'Longest wait for what the link says about our ping.',
      farewell: 'Time for them to close the link first.',
      protocolGrace: 'Time for handlers of protocols to return after the peer has ended.',
    },
    actors: {
      link: 'The same RLPx connection: routes messages, answers pings, reports what ends a peer.',
      protocol: 'One shared protocol.',
    },
  },
  protocol: {
    actions: { noteMessage: 'Keeps what the handler threw, for people.' },
    conditions: {},
    delays: {},
    actors: { handler: 'The function of the user that speaks this protocol.' },
  },
  server: {
    actions: {
      setFault: 'Keeps which step of the start failed, and the error.',
      setAddress: 'Keeps the address that the listener bound.',
      clearAddress: 'Forgets the address: it is no longer bound.',
      reportAborted: 'Emits that connections that are not peers yet have to end.',
      destroyConnections: 'Emits that the sockets that are left are destroyed now.',
      reportStarted: 'Emits that the server runs, with its address.',
      reportStartFailed: 'Emits that the start failed, with the step and the error.',
      reportStopped: 'Emits that the server has stopped.',
      reportLost: 'Emits that a part was lost, why, and when it is tried again.',
      forward: 'Emits the report of a part.',
      answerPostHandshake:
        'Answers the first checkpoint: whether there is room for this node. The dial scheduler learns of an inbound one.',
      answerAddPeer:
        'Answers the second checkpoint. When it accepts, the node joins the set of peers first.',
      holdAddPeer:
        'Keeps the request of the second checkpoint until the other connection with this node has ended.',
      releaseHeld: 'Raises `hold.over` for each held request that has nothing to wait for.',
      endHold: 'Removes the held request and its timer.',
      endPending: 'Forgets a connection that is no longer between the two checkpoints.',
      rejectStopped: 'Answers a checkpoint with `reject.serverStopped`.',
      removePeer: 'Removes the peer from the set, and tells the dial scheduler.',
      dismissPeer: 'Emits that this peer has to end, with the reason.',
      dismissAllPeers: 'Emits for each peer that it has to end with "client quitting".',
      trust: 'Adds the id to the trusted ones, which may exceed the limits of peers.',
      distrust: 'Removes the id from the trusted ones.',
      reportPeers: 'Emits the set of peers for the request of this number.',
      reportPeersUnavailable: 'Emits that there is no set of peers for the request of this number.',
      sendToLocalNode: 'Sends the event to the local node, if it is live.',
      sendToListener: 'Sends the event to the listener, if it is live.',
      sendToDiscovery: 'Sends the event to discovery, if it is live.',
      sendToDiscoveryV5: 'Sends the event to Node Discovery v5, if it is live.',
      passFinding:
        'Sends what a lookup or a walk found to the table of its version, if that is live.',
      sendToDialScheduler: 'Sends the event to the dial scheduler, if it is live.',
      returnSlot: 'Gives the slot back to the listener, if it is live.',
    },
    conditions: {
      listens: 'The option `listen` is not null.',
      discovers: 'The option `discovery` names `v4`.',
      discoversV5: 'The option `discovery` names `v5`.',
      isV5: 'The report is of Node Discovery v5.',
      isListenerDue: 'The start has come to the step of the listener.',
      isDiscoveryDue: 'The start has come to the step of discovery.',
      isDiscoveryV5Due: 'The start has come to the step of Node Discovery v5.',
      isDialSchedulerDue: 'The start has come to the step of the dial scheduler.',
      hasLocalNode: 'The local node is live.',
      hasNoLocalNode: 'The local node is not live.',
      hasListener: 'The listener is live.',
      hasDiscovery: 'Discovery is live.',
      hasNoDiscovery: 'Discovery is not live.',
      hasDiscoveryV5: 'Node Discovery v5 is live.',
      hasNoDiscoveryV5: 'Node Discovery v5 is not live.',
      hasDialScheduler: 'The dial scheduler is live.',
      hasNoDialScheduler: 'The dial scheduler is not live.',
      hasNoListener: 'The listener is not live.',
      canTrust: 'The id is trusted already, or there is room for another one.',
      mustWait:
        'Another connection with the same node is further along, and decides which of the two stays.',
      hasNoPeers: 'The set of peers is empty.',
    },
    delays: {
      localNodeTimeout: 'Longest wait for the local node to be ready or to close.',
      listeningTimeout: 'Longest wait for the listener to bind or to close.',
      discoveryTimeout: 'Longest wait for the socket of discovery to be bound, or to close.',
      stopTimeout:
        'Time for peers, handshakes and dials to end by themselves; then their sockets are destroyed.',
      giveUpTimeout: 'After this the server has stopped, whatever is left.',
      crossedDialHold: 'Longest time that a request of the second checkpoint is held.',
    },
    actors: {
      localNode: 'Has our key, our record and the node store.',
      listener: 'Accepts inbound connections.',
      discovery: 'Keeps the table of nodes, and owns the socket for datagrams.',
      discoveryV5: 'Keeps the table of Node Discovery v5.',
      dialScheduler: 'Decides what to dial, and when.',
    },
  },
  'table-maintenance': {
    actions: {
      noteFault: 'Keeps the error for the report.',
      reportReady: 'Tells the server that the socket is bound, and its address.',
      reportFault: 'Reports that discovery has ended, or did not start, with the error.',
      reportLoss: 'Reports that the socket is lost, and when it is bound again.',
      reportRestored: 'Reports that the socket is bound again.',
      askSeeds: 'Asks the store for up to 30 nodes that answered in the last 5 days.',
      addSeeds: 'Adds the nodes of the store to the table.',
      addBootnodes: 'Adds the bootnodes to the table.',
      noteBootnodes: 'Keeps the address of these bootnodes, and adds them to the table.',
      beginRefresh: 'Begins with four lookups to do.',
      wantLookup:
        'Asks the server for a lookup: of ourselves if it is the first of the refresh, otherwise of a random target.',
      takeFindings:
        'Adds the nodes that a lookup found. A node that failed five times in a row to return others leaves a bucket that is half full.',
      noteRefresh: 'Counts the refresh, and those in a row that no node answered.',
      drawPause: 'Draws the length of the next pause.',
      check: 'Has the network check a random node of the list that is not being checked.',
      noteAnswered: 'The node is live, goes to the slow list and gets its newest record.',
      noteFailed:
        'The node loses two thirds of the checks it answered; with none left a replacement takes its place.',
      forgetChecks: 'Ends the checks under way without a result.',
      addProven: 'Adds a node that pinged us and whose endpoint is proven.',
      forgetStore: 'Ends the wait for the next copy of nodes to the store.',
      awaitStore: 'Sends itself `store.due` after the interval.',
      storeNodes: 'Has the store keep the live nodes that are in the table for 5 minutes.',
      storeRest: 'Has the store keep such nodes that it does not have yet, and write everything.',
      closeNetwork: 'Closes the socket.',
    },
    conditions: {
      hasRefreshed: 'The first refresh has ended.',
      isLatestLookup: 'It is the lookup that was wanted last.',
      hasLookupsLeft: 'Another lookup belongs to this refresh.',
      hasAnswers: 'A node returned others in this refresh.',
      hasNodes: 'The list has a node.',
      hasFault: 'There is an error to report.',
    },
    delays: {
      bindTimeout: 'Longest wait for the address to be bound.',
      seedsTimeout: 'Longest wait for the nodes of the store.',
      lookupTimeout: 'Longest wait for a lookup to report its end.',
      checkTimeout: 'Longest check of a node.',
      refreshPause: 'From one refresh to the next: 15 to 30 minutes, drawn each time.',
      retryPause:
        'From a refresh that no node answered to the next: 10 s at first, twice as long each time, up to 5 minutes.',
      fastPause: 'From one check of the fast list to the next: up to 3 s, drawn each time.',
      slowPause: 'From one check of the slow list to the next: up to 9 s, drawn each time.',
      storeInterval: 'From one copy of nodes to the store to the next.',
      closeTimeout: 'Longest wait for the store to write, and for the socket to close.',
    },
    actors: {
      network: 'The UDP socket with the discovery protocol on it.',
      store: 'Nodes of earlier starts, kept on the disk.',
    },
  },
};
