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

// Discovery modes: nodes of go-ethereum's Node Discovery v4, v5, or both on one socket, each on a UDP port of loopback.

// livenessInterval is how often a table checks a node; by default every 3 s.
const livenessInterval = 200 * time.Millisecond

// versions says which versions of the protocol a node speaks.
type versions struct{ v4, v5 bool }

// discoveryNode is one node of discovery. A version that it does not speak is nil.
type discoveryNode struct {
	v4    *discover.UDPv4
	v5    *discover.UDPv5
	local *enode.LocalNode
	db    *enode.DB
}

func (n *discoveryNode) close() {
	if n.v5 != nil {
		n.v5.Close()
	}
	if n.v4 != nil {
		n.v4.Close()
	}
	n.db.Close()
}

// listenDiscovery runs count nodes. The first one has the key, and is a bootnode of the others. Of both versions, it answers the commands ping, enr,
// lookup, table and renew, and of v5 nodes and talk, until "stop" or the end of the commands. The field index of a command names the node.
func listenDiscovery(ctx context.Context, key *ecdsa.PrivateKey, bootnodes string, count int, speaks versions, commands <-chan command) error {
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
	var nodes []*discoveryNode
	for len(nodes) < count {
		if len(nodes) > 0 {
			var err error
			if key, err = crypto.GenerateKey(); err != nil {
				return err
			}
		}
		node, err := startDiscovery(key, boot, speaks)
		if err != nil {
			return err
		}
		defer node.close()
		nodes = append(nodes, node)
		self := node.local.Node()
		if len(nodes) == 1 {
			boot = append(boot, self)
		}
		emit(event{"type": "started", "id": self.ID().String(), "enode": self.URLv4(), "record": self.String()})
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
			if err := node.answer(cmd); err != nil {
				complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func startDiscovery(key *ecdsa.PrivateKey, bootnodes []*enode.Node, speaks versions) (*discoveryNode, error) {
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
	node := &discoveryNode{local: local, db: db}
	if err := node.listen(conn, discover.Config{PrivateKey: key, PingInterval: livenessInterval, Bootnodes: bootnodes}, speaks); err != nil {
		conn.Close()
		node.close()
		return nil, err
	}
	return node, nil
}

// listen starts the versions as p2p.Server does: v4 owns a socket that both use.
func (n *discoveryNode) listen(conn *net.UDPConn, config discover.Config, speaks versions) (err error) {
	var socket discover.UDPConn = conn
	if speaks.v4 {
		v4Config := config
		if speaks.v5 {
			unhandled := make(chan discover.ReadPacket, 100)
			v4Config.Unhandled = unhandled
			socket = &discover.SharedUDPConn{UDPConn: conn, Unhandled: unhandled}
		}
		if n.v4, err = discover.ListenV4(conn, n.local, v4Config); err != nil {
			return err
		}
	}
	if speaks.v5 {
		if n.v5, err = discover.ListenV5(socket, n.local, config); err != nil {
			return err
		}
		n.v5.RegisterTalkHandler(talkProtocol, func(_ *enode.Node, _ *net.UDPAddr, request []byte) []byte {
			return append([]byte("geth:"), request...)
		})
	}
	return nil
}

// answer obeys a command for the version that it names; a node of one version needs no name.
func (n *discoveryNode) answer(cmd command) error {
	switch {
	case cmd.Cmd == "renew":
		n.local.Set(enr.WithEntry("renewed", uint64(time.Now().UnixNano())))
		emit(event{"type": "record", "record": n.local.Node().String(), "seq": n.local.Node().Seq()})
		return nil
	case cmd.Version == "v5" || n.v4 == nil:
		return answerV5(n.v5, cmd)
	default:
		return answerV4(n.v4, cmd)
	}
}

func answerV4(v4 *discover.UDPv4, cmd command) error {
	if cmd.Cmd == "table" {
		emit(event{"type": "table", "nodes": idsIn(v4.TableBuckets())})
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
			emit(event{"type": "found", "index": cmd.Index, "nodes": idsOf(v4.LookupPubkey(node.Pubkey()))})
		}()
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
	return nil
}

// talkProtocol is answered with "geth:" and the request.
const talkProtocol = "interop"

func answerV5(v5 *discover.UDPv5, cmd command) error {
	if cmd.Cmd == "table" {
		emit(event{"type": "table", "nodes": idsIn(v5.Nodes())})
		return nil
	}
	node, err := enode.Parse(enode.ValidSchemes, cmd.Enode)
	if err != nil {
		return err
	}
	switch cmd.Cmd {
	case "ping":
		pong, err := v5.Ping(node)
		if err != nil {
			return err
		}
		emit(event{"type": "pong", "seq": pong.ENRSeq, "udp": pong.ToPort})
	case "enr":
		newest, err := v5.RequestENR(node)
		if err != nil {
			return err
		}
		emit(event{"type": "record", "record": newest.String(), "seq": newest.Seq()})
	case "nodes":
		nodes, err := v5.Findnode(node, cmd.Distances)
		if err != nil {
			return err
		}
		emit(event{"type": "found", "index": cmd.Index, "nodes": idsOf(nodes)})
	case "talk":
		response, err := v5.TalkRequest(node, cmd.Protocol, []byte(cmd.Text))
		if err != nil {
			return err
		}
		emit(event{"type": "talked", "text": string(response)})
	case "lookup":
		go func() {
			emit(event{"type": "found", "index": cmd.Index, "nodes": idsOf(v5.Lookup(node.ID()))})
		}()
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
	return nil
}

func idsOf(nodes []*enode.Node) []string {
	var ids []string
	for _, node := range nodes {
		ids = append(ids, node.ID().String())
	}
	return ids
}

func idsIn(buckets [][]discover.BucketNode) []string {
	var ids []string
	for _, bucket := range buckets {
		for _, entry := range bucket {
			ids = append(ids, entry.Node.ID().String())
		}
	}
	return ids
}
