package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Herd mode: many p2p.Servers in one process. At the command "dial" all of them add the same static node.

// countingDialer is go-ethereum's own dialer, and counts.
type countingDialer struct {
	net.Dialer
	dials atomic.Int32
}

func (d *countingDialer) Dial(ctx context.Context, node *enode.Node) (net.Conn, error) {
	address, ok := node.TCPEndpoint()
	if !ok {
		return nil, errors.New("no TCP address")
	}
	d.dials.Add(1)
	return d.DialContext(ctx, "tcp", address.String())
}

// herd reports "joined" for each server that has become a peer, with the number of its dials until then.
func herd(ctx context.Context, name string, count int, o serverOptions, commands <-chan command) error {
	caps, err := parseCapabilities(o.protocols)
	if err != nil {
		return err
	}
	var begun atomic.Pointer[time.Time]
	servers := make([]*p2p.Server, count)
	for i := range servers {
		key, err := crypto.GenerateKey()
		if err != nil {
			return err
		}
		dialer := &countingDialer{Dialer: net.Dialer{Timeout: 15 * time.Second}} // as in p2p/server.go
		var once sync.Once
		joined := func() {
			emit(event{
				"type": "joined", "server": i, "dials": dialer.dials.Load(),
				"afterMs": time.Since(*begun.Load()).Milliseconds(),
			})
		}
		servers[i] = &p2p.Server{Config: p2p.Config{
			PrivateKey: key, Name: fmt.Sprintf("%s-%d", name, i), MaxPeers: 5, NoDiscovery: true, Dialer: dialer,
		}}
		for _, c := range caps {
			servers[i].Protocols = append(servers[i].Protocols, p2p.Protocol{
				Name: c.name, Version: c.version, Length: c.length,
				Run: func(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
					once.Do(joined)
					return readOnly(rw)
				},
			})
		}
		if err := servers[i].Start(); err != nil {
			return err
		}
	}
	emit(event{"type": "started", "id": ""})
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				stopAll(servers)
				emit(event{"type": "stopped"})
				return nil
			}
			node, err := enode.Parse(enode.ValidSchemes, cmd.Enode)
			if cmd.Cmd != "dial" || err != nil {
				complain(cmd.Cmd, fmt.Errorf("not a dial: %w", err))
				continue
			}
			now := time.Now()
			begun.Store(&now)
			for _, server := range servers {
				server.AddPeer(node)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func stopAll(servers []*p2p.Server) {
	var all sync.WaitGroup
	for _, server := range servers {
		all.Go(server.Stop)
	}
	all.Wait()
}
