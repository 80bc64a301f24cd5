package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Crowd mode: many p2p.Servers in one process that listen, and find each other with Node Discovery v4. They dial no node; they
// look for nodes all the time, as servers that dial do.

// crowd reports "started" for each server. The first one is a bootnode of the others.
func crowd(ctx context.Context, name string, count int, bootnodes string, o serverOptions, commands <-chan command) error {
	caps, err := parseCapabilities(o.protocols)
	if err != nil {
		return err
	}
	var boot []*enode.Node
	for url := range strings.SplitSeq(bootnodes, ",") {
		if url == "" {
			continue
		}
		node, err := enode.Parse(enode.ValidSchemes, url)
		if err != nil {
			return err
		}
		boot = append(boot, node)
	}
	var servers []*p2p.Server
	defer func() { stopAll(servers) }()
	for i := range count {
		key, err := crypto.GenerateKey()
		if err != nil {
			return err
		}
		server := &p2p.Server{Config: p2p.Config{
			PrivateKey: key, Name: fmt.Sprintf("%s-%d", name, i), MaxPeers: o.maxPeers, NoDial: true,
			ListenAddr: "127.0.0.1:0", DiscoveryV4: true, BootstrapNodes: boot,
		}}
		for _, c := range caps {
			server.Protocols = append(server.Protocols, p2p.Protocol{
				Name: c.name, Version: c.version, Length: c.length,
				Run: func(_ *p2p.Peer, rw p2p.MsgReadWriter) error { return readOnly(rw) },
			})
		}
		if err := server.Start(); err != nil {
			return err
		}
		servers = append(servers, server)
		go walk(ctx, server)
		self := server.Self()
		if i == 0 {
			boot = append(boot, self)
		}
		emit(event{"type": "started", "id": self.ID().String(), "enode": self.URLv4(), "record": self.String()})
	}
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				stopAll(servers)
				servers = nil
				emit(event{"type": "stopped"})
				return nil
			}
			complain(cmd.Cmd, fmt.Errorf("a crowd only stops"))
		case <-ctx.Done():
			return nil
		}
	}
}

// walk looks for random nodes until the server stops.
func walk(ctx context.Context, server *p2p.Server) {
	nodes := server.DiscoveryV4().RandomNodes()
	defer nodes.Close()
	for nodes.Next() {
		select {
		case <-time.After(walkPause):
		case <-ctx.Done():
			return
		}
	}
}

// walkPause is the time between two nodes of a walk; a lookup gives many.
const walkPause = time.Second
