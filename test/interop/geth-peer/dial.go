package main

import (
	"context"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/rlpx"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/golang/snappy"
)

const (
	// handshakeTimeout is go-ethereum's own for this phase (p2p/transport.go).
	handshakeTimeout = 5 * time.Second

	// farewellTimeout is how long the remote may take to hang up after our Disconnect.
	farewellTimeout = 5 * time.Second
)

type callOptions struct {
	to           string
	helloID      string
	helloVersion uint64
	helloSize    int
	caps         string
	first        string
	echo         int
	maxSize      int
	seed         uint
	wait         bool
}

func (o *callOptions) register(flags *flag.FlagSet) {
	flags.StringVar(&o.to, "to", "", "dial: `enode` to call")
	flags.StringVar(&o.helloID, "hello-id", "", "dial: claim this public key in Hello, `hex` of any length")
	flags.Uint64Var(&o.helloVersion, "hello-version", snappyVersion, "dial: version in Hello")
	flags.IntVar(&o.helloSize, "hello-size", 0, "dial: pad the Hello payload to this many `bytes`")
	flags.StringVar(&o.caps, "caps", "echo/1", "dial: capabilities in Hello, `name/version/length,…`")
	flags.StringVar(&o.first, "first", "hello", "dial: first message: hello, ping, subprotocol or none; Hello follows none of them")
	flags.IntVar(&o.echo, "echo", 0, "dial: say this many payloads after Hello, one at a time")
	flags.IntVar(&o.maxSize, "max-size", 1024, "dial: largest payload of -echo, in `bytes`")
	flags.UintVar(&o.seed, "seed", 1, "dial: seed of the payloads")
	flags.BoolVar(&o.wait, "wait", false, "dial: stay until the remote closes, instead of leaving when all is said")
}

// call is one connection made by hand. The frames are go-ethereum's, everything above is written out
// here: compression too, because a Disconnect may come either way.
type call struct {
	options    callOptions
	ours       []capability
	conn       *rlpx.Conn
	writing    sync.Mutex // the read loop and the commands both write
	since      time.Time  // end of the handshake
	greeted    bool       // we have sent Hello
	theirs     *hello     // nil until it is here
	compress   bool
	echoOffset uint64 // 0 when echo is not shared
	heard      *tally
}

// dial makes one connection, reports what it sees and returns when it is closed.
func dial(ctx context.Context, key *ecdsa.PrivateKey, name string, o callOptions, commands <-chan command) error {
	caps, err := parseCapabilities(o.caps)
	if err != nil {
		return err
	}
	node, err := enode.Parse(enode.ValidSchemes, o.to)
	if err != nil {
		return err
	}
	address, ok := node.TCPEndpoint()
	if !ok {
		return fmt.Errorf("no TCP address in %q", o.to)
	}
	first, err := greeting(key, name, o, caps)
	if err != nil {
		return err
	}
	emit(event{"type": "started", "id": enode.PubkeyToIDV4(&key.PublicKey).String()})

	socket, err := net.Dial("tcp", address.String())
	if err != nil {
		emit(event{"type": "closed", "error": err.Error()})
		return nil
	}
	c := &call{options: o, ours: caps, conn: rlpx.NewConn(socket, node.Pubkey()), heard: newTally()}
	defer c.conn.Close()

	c.conn.SetDeadline(time.Now().Add(handshakeTimeout))
	if _, err := c.conn.Handshake(key); err != nil {
		emit(event{"type": "handshake", "ok": false, "error": err.Error()})
		return nil
	}
	c.conn.SetDeadline(time.Time{})
	c.since = time.Now()
	emit(event{"type": "handshake", "ok": true})

	go c.obeyAll(ctx, commands)
	err = c.open(first)
	for err == nil {
		err = c.next()
	}
	emit(event{"type": "closed", "error": err.Error(), "afterMs": c.age()})
	return nil
}

// open says the first word. Nothing follows a wrong one: writing to a peer that has hung up
// would reset the connection and lose the Disconnect we came to see.
func (c *call) open(greeting []byte) error {
	switch c.options.first {
	case "hello":
		c.greeted = true
		return c.write(helloMsg, greeting)
	case "ping":
		return c.write(pingMsg, emptyList)
	case "subprotocol":
		return c.write(firstSubMsg, emptyList)
	case "none":
		return nil
	default:
		return fmt.Errorf("unknown -first %q", c.options.first)
	}
}

// next reads one message and reacts to it. Its error ends the call.
func (c *call) next() error {
	code, data, _, err := c.conn.Read()
	if err != nil {
		return err
	}
	if code == disconnectMsg {
		c.reportDisconnect(data)
		return nil // the close that follows is a fact of its own
	}
	if c.theirs == nil && code == helloMsg {
		return c.meet(data)
	}
	if c.compress {
		if data, err = snappy.Decode(nil, data); err != nil {
			return fmt.Errorf("message %#x: %w", code, err)
		}
	}
	switch {
	case code == pingMsg:
		emit(event{"type": "ping"})
		return c.send(pongMsg, emptyList)
	case c.echoOffset != 0 && code == c.echoOffset+sayMsg:
		return c.send(c.echoOffset+echoMsg, data)
	case c.echoOffset != 0 && code == c.echoOffset+echoMsg && c.heard.count < c.options.echo:
		return c.hear(data)
	default:
		emit(event{"type": "message", "code": code, "size": len(data)})
		return nil
	}
}

func (c *call) meet(data []byte) error {
	c.theirs = new(hello)
	if err := rlp.DecodeBytes(data, c.theirs); err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	caps := make([]string, 0, len(c.theirs.Caps))
	for _, theirs := range c.theirs.Caps {
		caps = append(caps, theirs.String())
	}
	emit(event{
		"type": "hello", "version": c.theirs.Version, "name": c.theirs.Name, "caps": caps,
		"port": c.theirs.ListenPort, "id": hex.EncodeToString(c.theirs.ID),
	})
	if !c.greeted {
		return nil
	}
	c.compress = min(c.options.helloVersion, c.theirs.Version) >= snappyVersion
	c.echoOffset = c.offsetOf(echoName)
	if c.options.echo > 0 && c.echoOffset == 0 && !c.options.wait {
		return errors.New("the peer does not share echo")
	}
	return c.sayNext()
}

// offsetOf lays out the shared capabilities: by name, each in its highest shared version.
func (c *call) offsetOf(name string) uint64 {
	shared := map[string]capability{}
	for _, our := range c.ours {
		known := slices.Contains(c.theirs.Caps, p2p.Cap{Name: our.name, Version: our.version})
		if best, ok := shared[our.name]; known && (!ok || our.version > best.version) {
			shared[our.name] = our
		}
	}
	if _, ok := shared[name]; !ok {
		return 0
	}
	offset := uint64(firstSubMsg)
	for _, other := range shared {
		if other.name < name {
			offset += other.length
		}
	}
	return offset
}

// sayNext says one more payload, or leaves when there is none left.
func (c *call) sayNext() error {
	if c.echoOffset != 0 && c.heard.count < c.options.echo {
		said, err := rlp.EncodeToBytes(c.payload())
		if err != nil {
			return err
		}
		return c.send(c.echoOffset+sayMsg, said)
	}
	if c.options.echo > 0 && c.heard.count == c.options.echo {
		emit(c.heard.event())
	}
	if c.options.wait {
		return nil
	}
	return c.leave(p2p.DiscRequested)
}

func (c *call) hear(data []byte) error {
	var echo []byte
	if err := rlp.DecodeBytes(data, &echo); err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	c.heard.add(echo, c.payload())
	return c.sayNext()
}

// payload is what the next echo should be.
func (c *call) payload() []byte {
	index := c.heard.count
	return payload(uint32(c.options.seed), index, payloadSize(index, c.options.echo, c.options.maxSize))
}

func (c *call) leave(reason p2p.DiscReason) error {
	data, err := rlp.EncodeToBytes([]any{reason})
	if err != nil {
		return err
	}
	c.conn.SetReadDeadline(time.Now().Add(farewellTimeout))
	return c.send(disconnectMsg, data)
}

// send compresses when Hello said so.
func (c *call) send(code uint64, data []byte) error {
	if c.compress {
		data = snappy.Encode(nil, data)
	}
	return c.write(code, data)
}

func (c *call) write(code uint64, data []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err := c.conn.Write(code, data)
	return err
}

func (c *call) age() int64 {
	return time.Since(c.since).Milliseconds()
}

func (c *call) reportDisconnect(data []byte) {
	seen := event{
		"type": "disconnect", "raw": hex.EncodeToString(data),
		"beforeHello": c.theirs == nil, "afterMs": c.age(),
	}
	// No payload is both: in its compressed form something always follows the first RLP item.
	code, form, err := readReason(data)
	seen["compressed"] = false
	if err != nil {
		var plain []byte
		if plain, err = snappy.Decode(nil, data); err == nil {
			code, form, err = readReason(plain)
			seen["compressed"] = true
		}
	}
	if err != nil {
		seen["error"] = err.Error()
	} else {
		seen["code"], seen["form"], seen["reason"] = code, form, p2p.DiscReason(code).String()
	}
	emit(seen)
}

// obeyAll closes the connection on the stop command; the read loop then ends.
func (c *call) obeyAll(ctx context.Context, commands <-chan command) {
	defer c.conn.Close()
	for {
		select {
		case cmd, open := <-commands:
			switch {
			case !open || cmd.Cmd == "stop":
				return
			case cmd.Cmd == "disconnect":
				if err := c.leave(p2p.DiscReason(cmd.Reason)); err != nil {
					complain(cmd.Cmd, err)
				}
			default:
				complain(cmd.Cmd, errors.New("not known while calling"))
			}
		case <-ctx.Done():
			return
		}
	}
}
