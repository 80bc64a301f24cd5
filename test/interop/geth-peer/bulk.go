package main

import (
	"crypto/rand"
	"errors"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
)

// The bulk protocol: the sender sends any number of pieceMsg, then endMsg. Nothing is answered, so that
// one direction can be measured alone. Both sides may send.
const (
	bulkName = "bulk"
	pieceMsg = 0
	endMsg   = 1
)

// bulkSession speaks bulk with one peer.
type bulkSession struct {
	rw   p2p.MsgReadWriter
	gone chan struct{} // closed when run returns
}

func newBulkSession(rw p2p.MsgReadWriter) *bulkSession {
	return &bulkSession{rw: rw, gone: make(chan struct{})}
}

// run reports what came before each endMsg.
func (s *bulkSession) run(peer string) error {
	defer close(s.gone)
	messages, bytes := 0, 0
	for {
		msg, err := s.rw.ReadMsg()
		if err != nil {
			return err
		}
		if err := msg.Discard(); err != nil {
			return err
		}
		if msg.Code == pieceMsg {
			messages++
			bytes += int(msg.Size)
			continue
		}
		emit(event{"type": "pushed", "peer": peer, "messages": messages, "bytes": bytes})
		messages, bytes = 0, 0
	}
}

// push waits, then sends count messages of size random bytes, each when the one before is written.
func (s *bulkSession) push(count, size int, after time.Duration) error {
	select {
	case <-time.After(after):
	case <-s.gone:
		return errors.New("the peer left")
	}
	content := make([]byte, size)
	rand.Read(content) // never fails, and snappy finds nothing to copy
	for range count {
		if err := p2p.Send(s.rw, pieceMsg, content); err != nil {
			return err
		}
	}
	return p2p.Send(s.rw, endMsg, []byte{})
}
