// Package jsonlines is how the programs of this module talk: events leave on stdout, commands arrive on stdin, one JSON object a line.
package jsonlines

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// Event is one line of stdout; every one has a "type".
type Event map[string]any

var stdout sync.Mutex

// Emit writes one event.
func Emit(e Event) {
	stdout.Lock()
	defer stdout.Unlock()
	if err := json.NewEncoder(os.Stdout).Encode(e); err != nil {
		fmt.Fprintln(os.Stderr, "stdout:", err)
	}
}

// Complain says which command failed, and why; cmd is empty when a line was no command.
func Complain(cmd string, err error) {
	Emit(Event{"type": "error", "cmd": cmd, "error": err.Error()})
}

// Commands closes the channel at the end of stdin, which is how a dead test run is noticed.
func Commands[Command any]() <-chan Command {
	commands := make(chan Command)
	go func() {
		defer close(commands)
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			var cmd Command
			if err := json.Unmarshal(lines.Bytes(), &cmd); err != nil {
				Complain("", err)
				continue
			}
			commands <- cmd
		}
	}()
	return commands
}
