package main

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// Discv4 mode: nodes of go-ethereum's Node Discovery v4, each on a UDP port of loopback.

// livenessInterval is how often the table checks a node; by default every 3 s.
const livenessInterval = 200 * time.Millisecond

// v4Node is one node of discovery.
type v4Node struct {
	v4    *discover.UDPv4
	local *enode.LocalNode
	db    *enode.DB
}

func (n *v4Node) close() {
	n.v4.Close()
	n.db.Close()
}

// listenV4 runs count nodes. The first one has the key, and is a bootnode of the others. It answers the commands ping, enr, lookup, table and renew,
// until "stop" or the end of the commands. The field index of a command names the node.
func listenV4(ctx context.Context, key *ecdsa.PrivateKey, bootnodes string, count int, commands <-chan command) error {
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
	var nodes []*v4Node
	for len(nodes) < count {
		if len(nodes) > 0 {
			var err error
			if key, err = crypto.GenerateKey(); err != nil {
				return err
			}
		}
		node, err := startV4(key, boot)
		if err != nil {
			return err
		}
		defer node.close()
		nodes = append(nodes, node)
		self := node.v4.Self()
		if len(nodes) == 1 {
			boot = append(boot, self)
		}
		emit(event{"type": "started", "id": self.ID().String(), "enode": self.URLv4()})
	}

	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				emit(event{"type": "stopped"})
				return nil
			}
			if cmd.Index < 0 || cmd.Index >= len(nodes) {
				complain(cmd.Cmd, fmt.Errorf("there is no node %d", cmd.Index))
				continue
			}
			node := nodes[cmd.Index]
			if err := answerV4(node.v4, node.local, cmd); err != nil {
				complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func startV4(key *ecdsa.PrivateKey, bootnodes []*enode.Node) (*v4Node, error) {
	db, err := enode.OpenDB("")
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		db.Close()
		return nil, err
	}
	local := enode.NewLocalNode(db, key)
	local.SetStaticIP(net.IPv4(127, 0, 0, 1))
	local.SetFallbackUDP(conn.LocalAddr().(*net.UDPAddr).Port)
	config := discover.Config{PrivateKey: key, PingInterval: livenessInterval, Bootnodes: bootnodes}
	v4, err := discover.ListenV4(conn, local, config)
	if err != nil {
		conn.Close()
		db.Close()
		return nil, err
	}
	return &v4Node{v4, local, db}, nil
}

func answerV4(v4 *discover.UDPv4, local *enode.LocalNode, cmd command) error {
	switch cmd.Cmd {
	case "table":
		var nodes []string
		for _, bucket := range v4.TableBuckets() {
			for _, entry := range bucket {
				nodes = append(nodes, entry.Node.ID().String())
			}
		}
		emit(event{"type": "table", "nodes": nodes})
		return nil
	case "renew":
		local.Set(enr.WithEntry("renewed", uint64(time.Now().UnixNano())))
		emit(event{"type": "record", "record": local.Node().String(), "seq": local.Node().Seq()})
		return nil
	}
	node, err := enode.Parse(enode.ValidSchemes, cmd.Enode)
	if err != nil {
		return err
	}
	switch cmd.Cmd {
	case "ping":
		pong, err := v4.Ping(node)
		if err != nil {
			return err
		}
		emit(event{"type": "pong", "seq": pong.ENRSeq, "udp": pong.To.UDP})
	case "enr":
		newest, err := v4.RequestENR(node)
		if err != nil {
			return err
		}
		emit(event{"type": "record", "record": newest.String(), "seq": newest.Seq()})
	case "lookup":
		go func() { // lookups of several nodes run side by side
			var found []string
			for _, node := range v4.LookupPubkey(node.Pubkey()) {
				found = append(found, node.ID().String())
			}
			emit(event{"type": "found", "index": cmd.Index, "nodes": found})
		}()
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
	return nil
}
