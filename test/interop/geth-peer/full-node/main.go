// Command full-node is a go-ethereum full node in one process, with a private chain that only it extends: node, eth and the
// transaction pool as they are, a simulated beacon in the place of a consensus client, everything in memory. JSON lines as
// geth-peer: events leave on stdout, commands arrive on stdin, warnings go to stderr. It knows nothing of peerchart.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"peerchart.test/geth-peer/jsonlines"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "full-node:", err)
		os.Exit(1)
	}
}

type options struct {
	keyHex    string
	name      string
	versions  string
	forks     string
	networkID uint64
	maxPeers  int
	requires  bool
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.keyHex, "key", "", "private key of the node as `hex`; a new one when empty")
	flag.StringVar(&o.name, "name", "geth", "first part of our name in Hello")
	flag.StringVar(&o.versions, "versions", "", "versions of eth, separated by commas; all that go-ethereum has when empty")
	flag.StringVar(&o.forks, "forks", "60", "times of forks as `seconds` after genesis, separated by commas: osaka, then bpo1")
	flag.Uint64Var(&o.networkID, "network", 1337, "network id")
	flag.IntVar(&o.maxPeers, "maxpeers", 50, "p2p.Config.MaxPeers")
	flag.BoolVar(&o.requires, "require-block", false, "ask each peer for block 1, as with --eth.requiredblocks")
	flag.Parse()

	reportLog()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // also when the node did not start
	commands := jsonlines.Commands[command]()
	n, err := startFullNode(o)
	if err != nil {
		return err
	}
	events := make(chan *p2p.PeerEvent, 1024) // go-ethereum blocks on a slow subscriber
	subscription := n.stack.Server().SubscribeEvents(events)
	go reportPeers(events)

	jsonlines.Emit(jsonlines.Event{
		"type": "started", "id": n.stack.Server().Self().ID().String(), "enode": n.url(), "record": n.stack.Server().Self().String(),
		"chain": n.describeChain(),
	})
	n.obeyAll(ctx, commands)
	cancel()
	n.work.Wait()
	subscription.Unsubscribe()
	err = n.stop()
	jsonlines.Emit(jsonlines.Event{"type": "stopped"})
	return err
}

// command is one line of stdin. Which fields count depends on Cmd.
type command struct {
	Cmd    string `json:"cmd"`
	Enode  string `json:"enode"`
	Peer   string `json:"peer"`
	Reason uint8  `json:"reason"`
	Count  int    `json:"count"`
	Size   int    `json:"size"`
	Ms     int    `json:"ms"`
}

func (n *fullNode) obeyAll(ctx context.Context, commands <-chan command) {
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				return
			}
			if err := n.obey(ctx, cmd); err != nil {
				jsonlines.Complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (n *fullNode) obey(ctx context.Context, cmd command) error {
	switch cmd.Cmd {
	case "dial":
		node, err := enode.Parse(enode.ValidSchemes, cmd.Enode)
		if err != nil {
			return err
		}
		n.stack.Server().AddPeer(node)
		return nil
	case "peers":
		jsonlines.Emit(jsonlines.Event{"type": "peers", "peers": n.stack.Server().PeersInfo()})
		return nil
	case "disconnect":
		for _, peer := range n.stack.Server().Peers() {
			if cmd.Peer == "" || peer.ID().String() == cmd.Peer {
				peer.Disconnect(p2p.DiscReason(cmd.Reason))
				return nil
			}
		}
		return errors.New("no such peer")
	case "submit": // Count transactions with Size bytes of data each
		return reportSubmitted(n.submit(cmd.Count, cmd.Size))
	case "submitBlobs": // Count transactions with a blob each
		return reportSubmitted(n.submitBlobs(cmd.Count))
	case "commit": // Count blocks
		for range cmd.Count {
			n.beacon.Commit()
		}
		head := n.eth.BlockChain().CurrentBlock()
		jsonlines.Emit(jsonlines.Event{"type": "committed", "number": head.Number.Uint64(), "hash": head.Hash(), "forkId": n.forkID()})
		return nil
	case "traffic": // blocks and transactions all the time, for so many ms
		n.work.Go(func() {
			if err := n.traffic(ctx, time.Duration(cmd.Ms)*time.Millisecond); err != nil {
				jsonlines.Complain(cmd.Cmd, err)
			}
		})
		return nil
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
}

func reportSubmitted(hashes []common.Hash, err error) error {
	if err == nil {
		jsonlines.Emit(jsonlines.Event{"type": "submitted", "hashes": hashes})
	}
	return err
}

func reportPeers(events <-chan *p2p.PeerEvent) {
	for e := range events {
		switch e.Type {
		case p2p.PeerEventTypeAdd:
			jsonlines.Emit(jsonlines.Event{"type": "added", "peer": e.Peer.String()})
		case p2p.PeerEventTypeDrop:
			jsonlines.Emit(jsonlines.Event{"type": "drop", "peer": e.Peer.String(), "error": e.Error})
		}
	}
}

// parseNumbers reads a list with commas; an empty text is an empty list.
func parseNumbers(list string) ([]uint64, error) {
	var numbers []uint64
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		number, err := strconv.ParseUint(item, 10, 32)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}
