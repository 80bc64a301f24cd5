package main

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"
)

// Shape mode: TCP proxies on loopback, each a slow line with a rate, a delay and a bounded queue in
// each direction. A full queue stops the reading from the sender; nothing is ever lost.
const (
	// segmentBytes is the most that is read, paced and delivered as one piece, and the TCP segment size
	// that the proxy announces. Loopback's own 64 KiB segments give a sender megabytes of kernel buffer.
	segmentBytes = 1400

	// queueSegments is how much waits for the line in one direction: 64 KiB.
	queueSegments = 64 * 1024 / segmentBytes

	// kernelBytes is the socket buffer asked for; Linux doubles it.
	kernelBytes = 32 * 1024

	// longestCatchUp is how far behind its rate a line may be and still make up for it.
	longestCatchUp = 200 * time.Millisecond
)

// line is what one direction of a proxied connection can carry.
type line struct {
	bytesPerSecond int
	delay          time.Duration
	deep           bool // leaves a sender the megabytes of kernel buffer that loopback has
	stopsAfter     int  // bytes; after them nothing passes, without an end of the stream. Never when 0
}

// shape opens one proxy per command "shape", until "stop" or the end of the commands.
func shape(ctx context.Context, commands <-chan command) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	emit(event{"type": "started", "id": ""})
	for {
		select {
		case cmd, open := <-commands:
			if !open || cmd.Cmd == "stop" {
				emit(event{"type": "stopped"})
				return nil
			}
			if cmd.Cmd != "shape" || cmd.BytesPerSecond <= 0 {
				complain(cmd.Cmd, fmt.Errorf("not a line: %+v", cmd))
				continue
			}
			port, err := openProxy(ctx, cmd.Port, line{
				bytesPerSecond: cmd.BytesPerSecond,
				delay:          time.Duration(cmd.DelayMs) * time.Millisecond,
				deep:           cmd.Deep,
				stopsAfter:     cmd.StopsAfter,
			})
			if err != nil {
				complain(cmd.Cmd, err)
				continue
			}
			emit(event{"type": "shaped", "to": cmd.Port, "port": port})
		case <-ctx.Done():
			return nil
		}
	}
}

// openProxy listens until ctx ends. Each caller gets a connection of its own to the target port.
func openProxy(ctx context.Context, target int, l line) (port int, err error) {
	config := net.ListenConfig{Control: l.prepare}
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	go func() {
		for {
			caller, err := listener.Accept()
			if err != nil {
				return
			}
			go join(ctx, caller.(*net.TCPConn), target, l)
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// join ends when both directions have ended, or when ctx has.
func join(ctx context.Context, caller *net.TCPConn, target int, l line) {
	defer caller.Close()
	dialer := net.Dialer{Control: l.prepare}
	conn, err := dialer.DialContext(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", target))
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { caller.Close(); conn.Close() })()

	ended := make(chan struct{}, 2)
	for _, ends := range [][2]*net.TCPConn{{caller, conn.(*net.TCPConn)}, {conn.(*net.TCPConn), caller}} {
		go func() {
			l.carry(ctx, ends[0], ends[1])
			ended <- struct{}{}
		}()
	}
	<-ended
	<-ended
}

type segment struct {
	bytes []byte
	due   time.Time
}

// carry moves bytes one way: into the queue, over the line at its rate, and out after the delay.
func (l line) carry(ctx context.Context, from, to *net.TCPConn) {
	queue := make(chan []byte, queueSegments)
	go func() {
		defer close(queue)
		for {
			bytes := make([]byte, segmentBytes)
			n, err := from.Read(bytes)
			if n > 0 {
				queue <- bytes[:n]
			}
			if err != nil {
				return
			}
		}
	}()

	underWay := 1 + int(l.delay.Seconds()*float64(l.bytesPerSecond))/segmentBytes
	wire := make(chan segment, underWay)
	go func() {
		defer close(wire)
		var free time.Time // when the line has carried what was put on it
		for bytes := range queue {
			if earliest := time.Now().Add(-longestCatchUp); free.Before(earliest) {
				free = time.Now()
			}
			free = free.Add(time.Duration(len(bytes)) * time.Second / time.Duration(l.bytesPerSecond))
			time.Sleep(time.Until(free))
			wire <- segment{bytes, time.Now().Add(l.delay)}
		}
	}()

	passed := 0
	for s := range wire {
		time.Sleep(time.Until(s.due))
		if passed += len(s.bytes); l.stopsAfter > 0 && passed > l.stopsAfter {
			<-ctx.Done()
		}
		if _, err := to.Write(s.bytes); err != nil {
			from.Close() // ends the reading; what is queued is discarded
			for range wire {
			}
			return
		}
	}
	to.CloseWrite()
}

// prepare gives a socket the small buffers of a slow line, so that a sender is held back early.
func (l line) prepare(_, _ string, conn syscall.RawConn) error {
	if l.deep {
		return nil
	}
	var failed error
	err := conn.Control(func(fd uintptr) {
		for _, option := range [][3]int{
			{syscall.SOL_SOCKET, syscall.SO_RCVBUF, kernelBytes},
			{syscall.SOL_SOCKET, syscall.SO_SNDBUF, kernelBytes},
			{syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, segmentBytes},
		} {
			if err := syscall.SetsockoptInt(int(fd), option[0], option[1], option[2]); err != nil {
				failed = err
			}
		}
	})
	if err != nil {
		return err
	}
	return failed
}
