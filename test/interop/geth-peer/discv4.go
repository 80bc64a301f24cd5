package main

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// Discv4 mode: go-ethereum's Node Discovery v4 on a UDP port of loopback.

// livenessInterval is how often the table checks a node; by default every 3 s.
const livenessInterval = 200 * time.Millisecond

// listenV4 answers the commands ping, enr, lookup, table and renew, until "stop" or the end of the commands.
func listenV4(ctx context.Context, key *ecdsa.PrivateKey, bootnodes string, commands <-chan command) error {
	db, err := enode.OpenDB("")
	if err != nil {
		return err
	}
	defer db.Close()
	config := discover.Config{PrivateKey: key, PingInterval: livenessInterval}
	for url := range strings.SplitSeq(bootnodes, ",") {
		if url == "" {
			continue
		}
		node, err := enode.Parse(enode.ValidSchemes, url)
		if err != nil {
			return err
		}
		config.Bootnodes = append(config.Bootnodes, node)
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	local := enode.NewLocalNode(db, key)
	local.SetStaticIP(net.IPv4(127, 0, 0, 1))
	local.SetFallbackUDP(conn.LocalAddr().(*net.UDPAddr).Port)
	v4, err := discover.ListenV4(conn, local, config)
	if err != nil {
		return err
	}
	defer v4.Close()
	emit(event{"type": "started", "id": v4.Self().ID().String(), "enode": v4.Self().URLv4()})

	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				emit(event{"type": "stopped"})
				return nil
			}
			if err := answerV4(v4, local, cmd); err != nil {
				complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return nil
		}
	}
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
		var found []string
		for _, node := range v4.LookupPubkey(node.Pubkey()) {
			found = append(found, node.ID().String())
		}
		emit(event{"type": "found", "nodes": found})
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
	return nil
}
