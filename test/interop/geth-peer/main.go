// Command geth-peer puts go-ethereum's own p2p stack behind JSON lines, as the other side of
// peerchart's interop tests: events leave on stdout, commands arrive on stdin, logs go to stderr.
// It ends at "stop", at the end of stdin or at SIGTERM. It knows nothing of peerchart.
package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/log"

	"peerchart.test/geth-peer/jsonlines"
)

func main() {
	log.SetDefault(log.NewLogger(log.NewTerminalHandlerWithLevel(os.Stderr, slog.LevelWarn, false)))
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()

	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "geth-peer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var (
		mode   = flag.String("mode", "server", "`server`: a whole p2p.Server; dial: one hand-made connection; shape: slow lines; herd: many servers; crowd: many servers with discovery v4; discv4, discv5, discovery: nodes of discovery v4, v5, or both on one socket; dnsdisc: DNS node lists; admin: a client of an admin API; bench: one side of a measurement")
		keyHex = flag.String("key", "", "our private key as `hex`; a new one when empty")
		name   = flag.String("name", "geth-peer", "our name in Hello")
		boot   = flag.String("bootnodes", "", "crowd, discovery: enode `URLs` or records, separated by commas")
		count  = flag.Int("count", 0, "herd, crowd: number of servers, 200 or 1 when 0; discovery: number of nodes, 1 when 0")
		server serverOptions
		call   callOptions
	)
	server.register(flag.CommandLine)
	call.register(flag.CommandLine)
	flag.Parse()

	key, err := parseKey(*keyHex)
	if err != nil {
		return err
	}
	commands := jsonlines.Commands[command]()
	switch *mode {
	case "server":
		return serve(ctx, key, *name, server, commands)
	case "dial":
		return dial(ctx, key, *name, call, commands)
	case "shape":
		return shape(ctx, commands)
	case "herd":
		return herd(ctx, *name, cmp.Or(*count, 200), server, commands)
	case "crowd":
		return crowd(ctx, *name, cmp.Or(*count, 1), *boot, server, commands)
	case "discv4":
		return listenDiscovery(ctx, key, *boot, cmp.Or(*count, 1), versions{v4: true}, commands)
	case "discv5":
		return listenDiscovery(ctx, key, *boot, cmp.Or(*count, 1), versions{v5: true}, commands)
	case "discovery":
		return listenDiscovery(ctx, key, *boot, cmp.Or(*count, 1), versions{v4: true, v5: true}, commands)
	case "dnsdisc":
		return serveLists(ctx, key, commands)
	case "admin":
		return callAdmin(ctx, key, commands)
	case "bench":
		return runBench(ctx, *name, commands)
	default:
		return fmt.Errorf("unknown mode %q", *mode)
	}
}

func parseKey(hex string) (*ecdsa.PrivateKey, error) {
	if hex == "" {
		return crypto.GenerateKey()
	}
	return crypto.HexToECDSA(strings.TrimPrefix(hex, "0x"))
}

// command is one line of stdin. Which fields count depends on Cmd.
type command struct {
	Cmd     string `json:"cmd"`
	Enode   string `json:"enode"`
	Peer    string `json:"peer"`
	Reason  uint8  `json:"reason"`
	Count   int    `json:"count"`
	MaxSize int    `json:"maxSize"`
	Seed    uint32 `json:"seed"`
	Size    int    `json:"size"`
	AfterMs int    `json:"afterMs"`

	// Of discovery.
	Version   string `json:"version"`
	Distances []uint `json:"distances"`
	Protocol  string `json:"protocol"`
	Text      string `json:"text"`

	// Of a measurement.
	ID         int  `json:"id"`
	Index      int  `json:"index"`
	AtOnce     int  `json:"atOnce"`
	Ms         int  `json:"ms"`
	MaxPeers   int  `json:"maxPeers"`
	MaxPending int  `json:"maxPending"`
	Listens    bool `json:"listens"`

	// Of a DNS node list, whose sequence number is Seed; Zone has the TXT record of each name.
	Domain string            `json:"domain"`
	Nodes  []string          `json:"nodes"`
	Links  []string          `json:"links"`
	URL    string            `json:"url"`
	Zone   map[string]string `json:"zone"`

	// Of an admin API, which is at URL; As names the Go type of the result.
	Method string   `json:"method"`
	Params []string `json:"params"`
	As     string   `json:"as"`

	// Of a slow line.
	Port           int  `json:"port"`
	BytesPerSecond int  `json:"bytesPerSecond"`
	DelayMs        int  `json:"delayMs"`
	Deep           bool `json:"deep"`
	StopsAfter     int  `json:"stopsAfter"`
}

type event = jsonlines.Event

var (
	emit     = jsonlines.Emit
	complain = jsonlines.Complain
)

// capability is one protocol of a command line, written name/version/length.
type capability struct {
	name    string
	version uint
	length  uint64
}

// parseCapabilities reads a comma-separated list. A length left out is 2, that of echo.
func parseCapabilities(list string) ([]capability, error) {
	var caps []capability
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		parts := strings.Split(item, "/")
		if len(parts) < 2 || len(parts) > 3 {
			return nil, fmt.Errorf("capability %q is not name/version/length", item)
		}
		version, err := strconv.ParseUint(parts[1], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("capability %q: %w", item, err)
		}
		length := uint64(echoLength)
		if len(parts) == 3 {
			if length, err = strconv.ParseUint(parts[2], 10, 64); err != nil {
				return nil, fmt.Errorf("capability %q: %w", item, err)
			}
		}
		caps = append(caps, capability{parts[0], uint(version), length})
	}
	return caps, nil
}
