package main

import (
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rlp"
)

// Base protocol codes and the first one of the subprotocols. Source: devp2p/rlpx.md.
const (
	helloMsg      = 0x00
	disconnectMsg = 0x01
	pingMsg       = 0x02
	pongMsg       = 0x03
	firstSubMsg   = 0x10

	// snappyVersion is the lowest Hello version that compresses.
	snappyVersion = 5
)

var emptyList = []byte{0xc0}

// hello is the payload of message 0x00; what follows the id is padding.
type hello struct {
	Version    uint64
	Name       string
	Caps       []p2p.Cap
	ListenPort uint64
	ID         []byte
	Rest       []rlp.RawValue `rlp:"tail"`
}

// greeting is our Hello payload, padded by one more list item when a size is asked for.
func greeting(key *ecdsa.PrivateKey, name string, o callOptions, caps []capability) ([]byte, error) {
	ours := hello{Version: o.helloVersion, Name: name, ID: crypto.FromECDSAPub(&key.PublicKey)[1:]}
	for _, c := range caps {
		ours.Caps = append(ours.Caps, p2p.Cap{Name: c.name, Version: c.version})
	}
	if o.helloID != "" {
		id, err := hex.DecodeString(o.helloID)
		if err != nil {
			return nil, err
		}
		ours.ID = id
	}
	payload, err := rlp.EncodeToBytes(&ours)
	if err != nil || len(payload) >= o.helloSize {
		return payload, err
	}
	for padding := o.helloSize - len(payload); padding >= 0; padding-- {
		item, err := rlp.EncodeToBytes(make([]byte, padding))
		if err != nil {
			return nil, err
		}
		ours.Rest = []rlp.RawValue{item}
		if payload, err = rlp.EncodeToBytes(&ours); err != nil {
			return nil, err
		}
		if len(payload) == o.helloSize {
			return payload, nil
		}
	}
	return nil, fmt.Errorf("no Hello has exactly %d bytes", o.helloSize)
}

// readReason accepts what go-ethereum accepts: a list with the reason in it, or the reason alone.
func readReason(data []byte) (code uint64, form string, err error) {
	kind, content, rest, err := rlp.Split(data)
	if err == nil && len(rest) > 0 {
		err = errors.New("more than one item")
	}
	if err != nil {
		return 0, "", err
	}
	if kind == rlp.List {
		code, _, err = rlp.SplitUint64(content)
		return code, "list", err
	}
	code, _, err = rlp.SplitUint64(data)
	return code, "byte", err
}
