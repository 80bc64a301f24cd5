package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/ethereum/go-ethereum/p2p"
)

// The echo protocol: sayMsg is answered by echoMsg with the same RLP byte string.
const (
	echoName   = "echo"
	echoLength = 2
	sayMsg     = 0
	echoMsg    = 1

	// sayWindow is how many unanswered messages one side may have under way.
	sayWindow = 16

	// answerQueue is how many answers may wait for the socket. Larger than sayWindow, so that two
	// sides which both talk never stop reading because they are busy writing.
	answerQueue = 4 * sayWindow
)

// echoSession speaks echo with one peer.
type echoSession struct {
	rw      p2p.MsgReadWriter
	answers chan []byte
	echoes  chan []byte
	broken  chan struct{} // closed when an answer could not be written
	gone    chan struct{} // closed when run returns
	turn    sync.Mutex    // one sayAll at a time
}

func newEchoSession(rw p2p.MsgReadWriter) *echoSession {
	return &echoSession{
		rw:      rw,
		answers: make(chan []byte, answerQueue),
		echoes:  make(chan []byte, sayWindow),
		broken:  make(chan struct{}),
		gone:    make(chan struct{}),
	}
}

func (s *echoSession) run() error {
	defer close(s.gone)
	go s.answer()
	for {
		msg, err := s.rw.ReadMsg()
		if err != nil {
			return err
		}
		var content []byte
		if err := msg.Decode(&content); err != nil {
			return err // go-ethereum says "breach of protocol" for it
		}
		if msg.Code == sayMsg {
			select {
			case s.answers <- content:
			case <-s.broken:
				return errors.New("answer not written")
			}
			continue
		}
		select {
		case s.echoes <- content:
		default:
			return errors.New("an echo without a request")
		}
	}
}

func (s *echoSession) answer() {
	for {
		select {
		case content := <-s.answers:
			if err := p2p.Send(s.rw, echoMsg, content); err != nil {
				close(s.broken)
				return
			}
		case <-s.gone:
			return
		}
	}
}

// sayAll sends the payloads of seed in order and compares every echo with what was sent.
func (s *echoSession) sayAll(count, maxSize int, seed uint32) (*tally, error) {
	s.turn.Lock()
	defer s.turn.Unlock()

	window := make(chan struct{}, sayWindow)
	go func() {
		for i := range count {
			select {
			case window <- struct{}{}:
			case <-s.gone:
				return
			}
			if p2p.Send(s.rw, sayMsg, payload(seed, i, payloadSize(i, count, maxSize))) != nil {
				return // run sees the end of the connection too
			}
		}
	}()

	heard := newTally()
	for i := range count {
		select {
		case echo := <-s.echoes:
			heard.add(echo, payload(seed, i, payloadSize(i, count, maxSize)))
			<-window
		case <-s.gone:
			return nil, fmt.Errorf("the peer left after %d of %d echoes", i, count)
		}
	}
	return heard, nil
}

// tally counts echoes and hashes their content, so that another generator can be held against it.
type tally struct {
	count, bytes, mismatches int
	content                  hash.Hash
}

func newTally() *tally {
	return &tally{content: sha256.New()}
}

func (t *tally) add(echo, said []byte) {
	t.count++
	t.bytes += len(echo)
	t.content.Write(echo)
	if !bytes.Equal(echo, said) {
		t.mismatches++
	}
}

func (t *tally) event() event {
	return event{
		"type": "echoed", "count": t.count, "bytes": t.bytes, "mismatches": t.mismatches,
		"sha256": hex.EncodeToString(t.content.Sum(nil)),
	}
}

// payloadSize spreads the sizes of count messages from 0 to maxSize: first 0, then 1, at last maxSize.
func payloadSize(index, count, maxSize int) int {
	if index < 2 {
		return min(index, maxSize)
	}
	return maxSize * index / (count - 1)
}

// payload is the content of message index: xorshift32 (13, 17, 5) from the state
// seed XOR (index+1)*0x9e3779b9 (1 when that is 0), each state giving 4 bytes, lowest first.
// An odd index repeats its first 97 bytes, so that snappy finds something to copy.
// The same generator is in payloads.mjs.
func payload(seed uint32, index, size int) []byte {
	state := seed ^ uint32(index+1)*0x9e3779b9
	if state == 0 {
		state = 1
	}
	period := size
	if index%2 == 1 {
		period = min(size, 97)
	}
	content := make([]byte, size)
	for i := range content {
		if i >= period {
			content[i] = content[i-period]
			continue
		}
		if i%4 == 0 {
			state ^= state << 13
			state ^= state >> 17
			state ^= state << 5
		}
		content[i] = byte(state >> (8 * (i % 4)))
	}
	return content
}
