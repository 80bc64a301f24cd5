package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Bench mode: one side of bench/compare. Each command has an id, and its answer repeats it. The commands
// are those of bench/compare/side.mjs, which says what each does.

// The bench protocol: pieces are counted and not answered, end is answered when it arrives, echo is sent back.
const (
	benchPiece = 0
	benchEnd   = 1
	benchEcho  = 2

	// dynDialed is go-ethereum's own flag for a dial; its type is not exported, constants fit it.
	dynDialed = 1
)

type bench struct {
	name     string
	listener *p2p.Server
	clients  []*benchClient

	mu      sync.Mutex
	changed *sync.Cond
	peers   int // of the listener
}

// benchClient is a server that dials, and its only connection.
type benchClient struct {
	server *p2p.Server
	mu     sync.Mutex
	peer   *p2p.Peer
	rw     p2p.MsgReadWriter
	joined chan struct{}
	left   chan struct{}
	answer chan struct{}
}

func runBench(ctx context.Context, name string, commands <-chan command) error {
	log.SetDefault(log.NewLogger(log.DiscardHandler())) // a server that neither dials nor listens is warned about
	b := &bench{name: name}
	b.changed = sync.NewCond(&b.mu)
	emit(event{"type": "ready", "version": runtime.Version()})
	for {
		select {
		case cmd, open := <-commands:
			if !open {
				return nil
			}
			answer, err := b.obey(cmd)
			if err != nil {
				emit(event{"id": cmd.ID, "error": err.Error()})
				continue
			}
			if answer == nil {
				answer = event{}
			}
			answer["id"] = cmd.ID
			emit(answer)
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *bench) obey(cmd command) (event, error) {
	switch cmd.Cmd {
	case "listen":
		return b.listen(cmd)
	case "clients":
		return b.makeClients(cmd)
	case "connect":
		return b.connect(cmd)
	case "release":
		return nil, b.release()
	case "drop":
		return nil, b.drop(cmd.Index)
	case "peers":
		return nil, b.awaitPeers(cmd.Count)
	case "cpu":
		return event{"cpuMs": cpuMs()}, nil
	case "memory":
		return memory()
	case "flood":
		return b.flood(cmd.Size, time.Duration(cmd.Ms)*time.Millisecond)
	case "trips":
		return b.trips(cmd.Size, time.Duration(cmd.Ms)*time.Millisecond)
	case "stop":
		begun := time.Now()
		b.listener.Stop()
		return event{"ms": ms(time.Since(begun))}, nil
	default:
		return nil, fmt.Errorf("unknown command %q", cmd.Cmd)
	}
}

func (b *bench) listen(cmd command) (event, error) {
	b.listener = &p2p.Server{Config: p2p.Config{
		Name: b.name, MaxPeers: cmd.MaxPeers, MaxPendingPeers: cmd.MaxPending, ListenAddr: "127.0.0.1:0",
		NoDiscovery: true, NoDial: true,
		Protocols: []p2p.Protocol{benchProtocol(func(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
			b.count(1)
			defer b.count(-1)
			return serveBench(rw)
		})},
	}}
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, err
	}
	b.listener.PrivateKey = key
	if err := b.listener.Start(); err != nil {
		return nil, err
	}
	url, err := (&host{server: b.listener}).url()
	return event{"enode": url}, err
}

func benchProtocol(run func(*p2p.Peer, p2p.MsgReadWriter) error) p2p.Protocol {
	return p2p.Protocol{Name: "bench", Version: 1, Length: 3, Run: run}
}

func serveBench(rw p2p.MsgReadWriter) error {
	for {
		msg, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		if msg.Code == benchPiece {
			if err := msg.Discard(); err != nil {
				return err
			}
			continue
		}
		payload, err := io.ReadAll(msg.Payload)
		if err != nil {
			return err
		}
		if err := writeRaw(rw, msg.Code, payload); err != nil {
			return err
		}
	}
}

// writeRaw sends bytes as they are, without RLP around them.
func writeRaw(rw p2p.MsgReadWriter, code uint64, payload []byte) error {
	return rw.WriteMsg(p2p.Msg{Code: code, Size: uint32(len(payload)), Payload: strings.NewReader(string(payload))})
}

func (b *bench) count(step int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.peers += step
	b.changed.Broadcast()
}

func (b *bench) awaitPeers(count int) error {
	timer := time.AfterFunc(30*time.Second, func() { b.count(0) })
	defer timer.Stop()
	end := time.Now().Add(30 * time.Second)
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.peers != count {
		if time.Now().After(end) {
			return fmt.Errorf("%d peers instead of %d", b.peers, count)
		}
		b.changed.Wait()
	}
	return nil
}

// makeClients starts servers until there are cmd.Count. They listen when they are to be dialled.
func (b *bench) makeClients(cmd command) (event, error) {
	var enodes []string
	for len(b.clients) < cmd.Count {
		key, err := crypto.GenerateKey()
		if err != nil {
			return nil, err
		}
		client := &benchClient{answer: make(chan struct{}, 1)}
		client.renew()
		client.server = &p2p.Server{Config: p2p.Config{
			PrivateKey: key, Name: b.name, MaxPeers: 5, NoDiscovery: true, NoDial: true,
			Protocols: []p2p.Protocol{benchProtocol(client.run)},
		}}
		if cmd.Listens {
			client.server.ListenAddr = "127.0.0.1:0"
		}
		if err := client.server.Start(); err != nil {
			return nil, err
		}
		b.clients = append(b.clients, client)
		if cmd.Listens {
			url, err := (&host{server: client.server}).url()
			if err != nil {
				return nil, err
			}
			enodes = append(enodes, url)
		}
	}
	return event{"enodes": enodes}, nil
}

func (c *benchClient) renew() {
	c.joined = make(chan struct{})
	c.left = make(chan struct{})
}

func (c *benchClient) run(peer *p2p.Peer, rw p2p.MsgReadWriter) error {
	c.mu.Lock()
	c.peer, c.rw = peer, rw
	joined, left := c.joined, c.left
	c.mu.Unlock()
	close(joined)
	defer close(left)
	for {
		msg, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		if err := msg.Discard(); err != nil {
			return err
		}
		c.answer <- struct{}{}
	}
}

func (b *bench) connect(cmd command) (event, error) {
	node, err := enode.Parse(enode.ValidSchemes, cmd.Enode)
	if err != nil {
		return nil, err
	}
	address, ok := node.TCPEndpoint()
	if !ok {
		return nil, errors.New("no TCP address")
	}
	begun, used := time.Now(), cpuMs()
	work := make(chan *benchClient)
	failures := make(chan error, cmd.AtOnce)
	var all sync.WaitGroup
	for range cmd.AtOnce {
		all.Go(func() {
			for client := range work {
				if err := client.dial(address.String(), node); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	for _, client := range b.clients[cmd.Index : cmd.Index+cmd.Count] {
		select {
		case work <- client:
		case err := <-failures:
			return nil, err
		}
	}
	close(work)
	all.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
	}
	return event{"ms": ms(time.Since(begun)), "cpuMs": cpuMs() - used}, nil
}

// dial tries again when the handshake took too long: other processes may use the machine.
func (c *benchClient) dial(address string, node *enode.Node) error {
	var err error
	for range 3 {
		if err = c.dialOnce(address, node); err == nil {
			return nil
		}
	}
	return err
}

func (c *benchClient) dialOnce(address string, node *enode.Node) error {
	conn, err := net.DialTimeout("tcp", address, 15*time.Second)
	if err != nil {
		return err
	}
	if err := c.server.SetupConn(conn, dynDialed, node); err != nil {
		return err
	}
	<-c.joined
	return nil
}

// release ends every connection of ours, and waits until it is gone.
func (b *bench) release() error {
	for i := range b.clients {
		if err := b.drop(i); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) drop(index int) error {
	c := b.clients[index]
	c.mu.Lock()
	peer, left := c.peer, c.left
	c.mu.Unlock()
	if peer == nil {
		return nil
	}
	peer.Disconnect(p2p.DiscQuitting)
	<-left
	for c.server.PeerCount() > 0 {
		time.Sleep(time.Millisecond)
	}
	c.mu.Lock()
	c.peer, c.rw = nil, nil
	c.renew()
	c.mu.Unlock()
	return nil
}

// flood sends pieces from the first client for some time, and ends when all of them have arrived.
func (b *bench) flood(size int, span time.Duration) (event, error) {
	c := b.clients[0]
	payload := make([]byte, size)
	rand.Read(payload)
	text := string(payload)
	begun, used, messages := time.Now(), cpuMs(), 0
	for time.Since(begun) < span {
		if err := c.rw.WriteMsg(p2p.Msg{Code: benchPiece, Size: uint32(size), Payload: strings.NewReader(text)}); err != nil {
			return nil, err
		}
		messages++
	}
	if err := writeRaw(c.rw, benchEnd, []byte{1}); err != nil {
		return nil, err
	}
	<-c.answer
	return event{"messages": messages, "ms": ms(time.Since(begun)), "cpuMs": cpuMs() - used}, nil
}

// trips measures round trips, one after the other.
func (b *bench) trips(size int, span time.Duration) (event, error) {
	c := b.clients[0]
	payload := make([]byte, size)
	rand.Read(payload)
	var took []float64
	for begun := time.Now(); len(took) < 3 || time.Since(begun) < span; {
		sent := time.Now()
		if err := writeRaw(c.rw, benchEcho, payload); err != nil {
			return nil, err
		}
		<-c.answer
		took = append(took, ms(time.Since(sent)))
	}
	slices.Sort(took)
	return event{"ms": took[len(took)/2]}, nil
}

func memory() (event, error) {
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return nil, err
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	return event{"heap": stats.HeapAlloc + stats.StackInuse, "rss": pages * os.Getpagesize()}, err
}

func cpuMs() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return ms(time.Duration(usage.Utime.Nano() + usage.Stime.Nano()))
}

func ms(span time.Duration) float64 {
	return float64(span.Microseconds()) / 1000
}
