package main

import (
	"context"
	"crypto/ecdsa"
	"fmt"

	"github.com/ethereum/go-ethereum/p2p/dnsdisc"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Dnsdisc mode: go-ethereum's client and maker of DNS node lists. Names are looked up in the zone of a command.

// zoneResolver has the TXT record of each name.
type zoneResolver map[string]string

func (zone zoneResolver) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := zone[name]; ok {
		return []string{text}, nil
	}
	return nil, fmt.Errorf("no TXT record of %s", name)
}

// serveLists answers the commands tree and sync, until "stop" or the end of the commands. It signs with the key.
func serveLists(ctx context.Context, key *ecdsa.PrivateKey, commands <-chan command) error {
	emit(event{"type": "started", "id": enode.PubkeyToIDV4(&key.PublicKey).String()})
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				emit(event{"type": "stopped"})
				return nil
			}
			if err := doList(key, cmd); err != nil {
				complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func doList(key *ecdsa.PrivateKey, cmd command) error {
	switch cmd.Cmd {
	case "tree":
		return makeList(key, cmd)
	case "sync":
		return syncList(cmd)
	case "walk":
		return walkList(cmd)
	default:
		return fmt.Errorf("unknown command")
	}
}

func makeList(key *ecdsa.PrivateKey, cmd command) error {
	var nodes []*enode.Node
	for _, text := range cmd.Nodes {
		node, err := enode.Parse(enode.ValidSchemes, text)
		if err != nil {
			return err
		}
		nodes = append(nodes, node)
	}
	tree, err := dnsdisc.MakeTree(uint(cmd.Seed), nodes, cmd.Links)
	if err != nil {
		return err
	}
	url, err := tree.Sign(key, cmd.Domain)
	if err != nil {
		return err
	}
	emit(event{"type": "tree", "url": url, "zone": tree.ToTXT(cmd.Domain)})
	return nil
}

func clientOf(cmd command) *dnsdisc.Client {
	return dnsdisc.NewClient(dnsdisc.Config{Resolver: zoneResolver(cmd.Zone), RateLimit: 1_000_000})
}

func syncList(cmd command) error {
	tree, err := clientOf(cmd).SyncTree(cmd.URL)
	if err != nil {
		return err
	}
	emit(event{"type": "synced", "seq": tree.Seq(), "nodes": textsOf(tree.Nodes()), "links": tree.Links()})
	return nil
}

// walkList reads random nodes of a list and those that it links to, until there are as many different ones as wanted.
func walkList(cmd command) error {
	nodes, err := clientOf(cmd).NewIterator(cmd.URL)
	if err != nil {
		return err
	}
	defer nodes.Close()
	found := make(map[enode.ID]*enode.Node)
	for len(found) < cmd.Count && nodes.Next() {
		found[nodes.Node().ID()] = nodes.Node()
	}
	var all []*enode.Node
	for _, node := range found {
		all = append(all, node)
	}
	emit(event{"type": "synced", "seq": 0, "nodes": textsOf(all), "links": []string{}})
	return nil
}

func textsOf(nodes []*enode.Node) []string {
	texts := make([]string, 0, len(nodes))
	for _, node := range nodes {
		texts = append(texts, node.String())
	}
	return texts
}
