package main

import (
	"context"
	"log/slog"
	"os"
	"slices"

	"github.com/ethereum/go-ethereum/log"

	"peerchart.test/geth-peer/jsonlines"
)

// eventOf names the lines of go-ethereum's log that say why an eth session begins or ends; nothing else of it says so.
// Source: eth/handler.go runEthPeer, eth/protocols/eth/handler.go Handle.
var eventOf = map[string]string{
	"Ethereum peer connected":          "ethAccepted",
	"Ethereum handshake failed":        "ethRejected",
	"Message handling failed in `eth`": "ethEnded",
}

// logHandler turns these lines into events, and writes warnings to stderr.
type logHandler struct {
	attrs []slog.Attr
	text  slog.Handler
}

func reportLog() {
	text := log.NewTerminalHandlerWithLevel(os.Stderr, slog.LevelWarn, false)
	log.SetDefault(log.NewLogger(logHandler{text: text}))
}

func (h logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelDebug
}

func (h logHandler) WithGroup(string) slog.Handler { return h }

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{append(slices.Clip(h.attrs), attrs...), h.text.WithAttrs(attrs)}
}

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	if kind, ok := eventOf[record.Message]; ok {
		e := jsonlines.Event{"type": kind}
		add := func(attr slog.Attr) bool {
			switch attr.Key {
			case "id":
				e["peer"] = attr.Value.String()
			case "err":
				e["error"] = attr.Value.String()
			}
			return true
		}
		for _, attr := range h.attrs {
			add(attr)
		}
		record.Attrs(add)
		jsonlines.Emit(e)
	}
	if h.text.Enabled(ctx, record.Level) {
		return h.text.Handle(ctx, record)
	}
	return nil
}
