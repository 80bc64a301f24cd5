package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/rpc"
)

const rpcTimeout = 10 * time.Second

// callAdmin is a client of an admin API: go-ethereum's own, as its console uses it.
func callAdmin(ctx context.Context, key *ecdsa.PrivateKey, commands <-chan command) error {
	emit(event{"type": "started", "id": enode.PubkeyToIDV4(&key.PublicKey).String()})
	clients := make(map[string]*rpc.Client)
	defer func() {
		for _, client := range clients {
			client.Close()
		}
	}()
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				emit(event{"type": "stopped"})
				return nil
			}
			if cmd.Cmd == "listen" {
				apis := []rpc.API{{Namespace: "test", Service: echoAPI{}}}
				listener, server, err := rpc.StartIPCEndpoint(cmd.URL, apis)
				if err != nil {
					return err
				}
				defer server.Stop()
				defer listener.Close()
				emit(event{"type": "called", "raw": true, "again": true})
				continue
			}
			client := clients[cmd.URL]
			if client == nil {
				var err error
				if client, err = rpc.DialContext(ctx, cmd.URL); err != nil {
					complain(cmd.Cmd, err)
					continue
				}
				clients[cmd.URL] = client
			}
			if err := obeyAdmin(ctx, client, cmd); err != nil {
				complain(cmd.Cmd, err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func obeyAdmin(ctx context.Context, client *rpc.Client, cmd command) error {
	ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
	defer cancel()
	params := make([]any, len(cmd.Params))
	for i, param := range cmd.Params {
		params[i] = param
	}
	switch cmd.Cmd {
	case "call":
		var raw json.RawMessage
		if err := client.CallContext(ctx, &raw, cmd.Method, params...); err != nil {
			code := 0
			if coded, ok := err.(rpc.Error); ok {
				code = coded.ErrorCode()
			}
			emit(event{"type": "called", "error": err.Error(), "code": code})
			return nil
		}
		again, err := reencoded(raw, cmd.As)
		if err != nil {
			return err
		}
		emit(event{"type": "called", "raw": raw, "again": again})
	case "batch":
		batch := make([]rpc.BatchElem, cmd.Count)
		for i := range batch {
			batch[i] = rpc.BatchElem{Method: cmd.Method, Args: params, Result: new(json.RawMessage)}
		}
		if err := client.BatchCallContext(ctx, batch); err != nil {
			return err
		}
		results := make([]any, len(batch))
		for i, one := range batch {
			if results[i] = one.Result; one.Error != nil {
				results[i] = one.Error.Error()
			}
		}
		emit(event{"type": "called", "raw": results, "again": results})
	case "modules":
		modules, err := client.SupportedModules()
		if err != nil {
			return err
		}
		emit(event{"type": "called", "raw": modules, "again": modules})
	case "subscribe":
		events := make(chan json.RawMessage)
		subscription, err := client.Subscribe(ctx, "admin", events, "peerEvents")
		if err != nil {
			return err
		}
		emit(event{"type": "called", "raw": true, "again": true})
		go func() {
			for left := cmd.Count; left > 0; left-- {
				select {
				case raw := <-events:
					again, err := reencoded(raw, "peerEvent")
					if err != nil {
						complain(cmd.Cmd, err)
					}
					emit(event{"type": "peerEvent", "raw": raw, "again": again})
				case err := <-subscription.Err():
					complain(cmd.Cmd, fmt.Errorf("the subscription ended: %w", err))
					return
				}
			}
			subscription.Unsubscribe() // tells the server
			emit(event{"type": "unsubscribed"})
		}()
	default:
		return fmt.Errorf("unknown command %q", cmd.Cmd)
	}
	return nil
}

// reencoded reads a result into go-ethereum's own type, in which nothing may be unknown, and writes it again.
func reencoded(raw json.RawMessage, as string) (any, error) {
	var value any
	switch as {
	case "peers":
		value = new([]*p2p.PeerInfo)
	case "nodeInfo":
		value = new(p2p.NodeInfo)
	case "peerEvent":
		value = new(p2p.PeerEvent)
	case "buckets":
		value = new([][]discover.BucketNode)
	case "text":
		value = new(string)
	case "bool":
		value = new(bool)
	case "any":
		value = new(any)
	default:
		return nil, errors.New("no type is named")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return value, decoder.Decode(value)
}

// echoAPI is an API of our own on go-ethereum's server, for clients that are not its own.
type echoAPI struct{}

func (echoAPI) Echo(text string) string { return text }

func (echoAPI) Fail() error { return errors.New("as asked") }

func (echoAPI) Count(ctx context.Context, to string) (*rpc.Subscription, error) {
	notifier, _ := rpc.NotifierFromContext(ctx)
	subscription := notifier.CreateSubscription()
	go func() {
		for i := range len(to) {
			if err := notifier.Notify(subscription.ID, i); err != nil {
				return
			}
		}
	}()
	return subscription, nil
}
