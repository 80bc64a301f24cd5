package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"flag"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

type serverOptions struct {
	listen    string
	maxPeers  int
	noDial    bool
	networks  string
	protocols string
}

func (o *serverOptions) register(flags *flag.FlagSet) {
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "server: `address` to listen on")
	flags.IntVar(&o.maxPeers, "maxpeers", 50, "server: p2p.Config.MaxPeers")
	flags.BoolVar(&o.noDial, "nodial", false, "server: p2p.Config.NoDial")
	flags.StringVar(&o.networks, "netrestrict", "", "server: p2p.Config.NetRestrict, as `network,…`; everywhere when empty")
	flags.StringVar(&o.protocols, "protocols", "echo/1/2",
		"server: every protocol, as `name/version/length,…`; echo echoes, bulk sends and counts, the rest only read")
}

// host is one p2p.Server and the peers it has.
type host struct {
	server       *p2p.Server
	echoVersions []uint

	mu      sync.Mutex
	guests  []*guest // oldest first
	present sync.WaitGroup
}

// guest is one connected peer; echo and bulk are nil when the protocol is not shared.
type guest struct {
	peer *p2p.Peer
	echo *echoSession
	bulk *bulkSession
}

// serve runs until the stop command, and returns when every peer's drop has been reported.
func serve(ctx context.Context, key *ecdsa.PrivateKey, name string, o serverOptions, commands <-chan command) error {
	caps, err := parseCapabilities(o.protocols)
	if err != nil {
		return err
	}
	if len(caps) == 0 {
		return errors.New("a server without protocols accepts every peer and reports none")
	}
	restrict, err := netutil.ParseNetlist(o.networks)
	if err != nil {
		return err
	}
	if len(*restrict) == 0 {
		restrict = nil // an empty list would allow no address
	}
	h := &host{server: &p2p.Server{Config: p2p.Config{
		PrivateKey:  key,
		Name:        name,
		MaxPeers:    o.maxPeers,
		ListenAddr:  o.listen,
		NoDiscovery: true,
		NoDial:      o.noDial,
		NetRestrict: restrict,
	}}}
	for _, c := range caps {
		if c.name == echoName {
			h.echoVersions = append(h.echoVersions, c.version)
		}
		h.server.Protocols = append(h.server.Protocols, h.protocol(c))
	}

	// go-ethereum blocks on a slow subscriber, hence the room.
	events := make(chan *p2p.PeerEvent, 1024)
	defer h.server.SubscribeEvents(events).Unsubscribe()
	if err := h.server.Start(); err != nil {
		return err
	}
	go h.reportDrops(events)

	url, err := h.url()
	if err != nil {
		return err
	}
	emit(event{"type": "started", "enode": url, "id": h.server.Self().ID().String()})
	h.obeyAll(ctx, commands)
	h.server.Stop()
	h.present.Wait()
	emit(event{"type": "stopped"})
	return nil
}

// url is our address without the ?discport=0 that go-ethereum adds when there is no discovery.
func (h *host) url() (string, error) {
	address, err := net.ResolveTCPAddr("tcp", h.server.ListenAddr)
	if err != nil {
		return "", err
	}
	return enode.NewV4(&h.server.PrivateKey.PublicKey, address.IP, address.Port, address.Port).URLv4(), nil
}

func (h *host) protocol(c capability) p2p.Protocol {
	return p2p.Protocol{
		Name: c.name, Version: c.version, Length: c.length,
		Run: func(peer *p2p.Peer, rw p2p.MsgReadWriter) error {
			if c.name == echoName {
				session := newEchoSession(rw)
				h.welcome(peer, session, nil)
				return session.run()
			}
			if c.name == bulkName {
				session := newBulkSession(rw)
				h.welcome(peer, nil, session)
				return session.run(peer.ID().String())
			}
			if !peer.RunningCap(echoName, h.echoVersions) {
				h.welcome(peer, nil, nil)
			}
			return readOnly(rw)
		},
	}
}

func readOnly(rw p2p.MsgReadWriter) error {
	for {
		msg, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		if err := msg.Discard(); err != nil {
			return err
		}
	}
}

// welcome reports a peer once, and keeps the session given. It speaks from inside a protocol because PeerEvent "add" comes before
// the protocols start and carries neither name nor capabilities; a drop always comes after it.
func (h *host) welcome(peer *p2p.Peer, echo *echoSession, bulk *bulkSession) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known := slices.IndexFunc(h.guests, func(g *guest) bool { return g.peer == peer }); known >= 0 {
		g := h.guests[known]
		g.echo, g.bulk = cmp.Or(g.echo, echo), cmp.Or(g.bulk, bulk)
		return
	}
	h.guests = append(h.guests, &guest{peer, echo, bulk})
	h.present.Add(1)

	caps := make([]string, 0, len(peer.Caps()))
	for _, c := range peer.Caps() {
		caps = append(caps, c.String())
	}
	emit(event{
		"type": "add", "peer": peer.ID().String(), "name": peer.Fullname(), "caps": caps,
		"inbound": peer.Inbound(), "trusted": peer.Trusted(), "remote": peer.RemoteAddr().String(),
	})
}

func (h *host) reportDrops(events <-chan *p2p.PeerEvent) {
	for e := range events {
		if e.Type != p2p.PeerEventTypeDrop {
			continue
		}
		h.mu.Lock()
		// The same id may be back already: the oldest is the one that left.
		left := slices.IndexFunc(h.guests, func(g *guest) bool { return g.peer.ID() == e.Peer })
		h.guests = slices.Delete(h.guests, left, left+1)
		h.mu.Unlock()

		drop := event{"type": "drop", "peer": e.Peer.String(), "error": e.Error}
		if code, ok := disconnectCode(e.Error); ok {
			drop["code"] = code
		}
		emit(drop)
		h.present.Done()
	}
}

// disconnectCode finds the reason whose text go-ethereum reported as the error.
func disconnectCode(text string) (p2p.DiscReason, bool) {
	for reason := range p2p.DiscReason(p2p.DiscInvalid) {
		if reason.String() == text {
			return reason, true
		}
	}
	return 0, false
}

func (h *host) obeyAll(ctx context.Context, commands <-chan command) {
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				return
			}
			if err := h.obey(cmd); err != nil {
				complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (h *host) obey(cmd command) error {
	switch cmd.Cmd {
	case "dial":
		return h.withNode(cmd.Enode, h.server.AddPeer)
	case "remove":
		return h.withNode(cmd.Enode, h.server.RemovePeer)
	case "trust":
		return h.withNode(cmd.Enode, h.server.AddTrustedPeer)
	case "untrust":
		return h.withNode(cmd.Enode, h.server.RemoveTrustedPeer)
	case "peers":
		emit(event{"type": "peers", "peers": h.server.PeersInfo()})
		return nil
	case "disconnect":
		g, err := h.guest(cmd.Peer)
		if err != nil {
			return err
		}
		g.peer.Disconnect(p2p.DiscReason(cmd.Reason))
		return nil
	case "send":
		g, err := h.guest(cmd.Peer)
		if err != nil {
			return err
		}
		if g.echo == nil {
			return errors.New("the peer does not share echo")
		}
		go func() {
			heard, err := g.echo.sayAll(cmd.Count, cmd.MaxSize, cmd.Seed)
			if err != nil {
				complain(cmd.Cmd, err)
				return
			}
			emit(heard.event())
		}()
		return nil
	case "push":
		g, err := h.guest(cmd.Peer)
		if err != nil {
			return err
		}
		if g.bulk == nil {
			return errors.New("the peer does not share bulk")
		}
		go func() {
			if err := g.bulk.push(cmd.Count, cmd.Size, time.Duration(cmd.AfterMs)*time.Millisecond); err != nil {
				complain(cmd.Cmd, err)
			}
		}()
		return nil
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
}

func (h *host) withNode(url string, do func(*enode.Node)) error {
	node, err := enode.Parse(enode.ValidSchemes, url)
	if err != nil {
		return err
	}
	do(node)
	return nil
}

// guest finds a peer by id; without one it is the peer that has been here longest.
func (h *host) guest(id string) (*guest, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, g := range h.guests {
		if id == "" || g.peer.ID().String() == id {
			return g, nil
		}
	}
	return nil, errors.New("no such peer")
}
