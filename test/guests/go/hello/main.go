// A WASI preview-1 command: JSON on stdin, JSON on stdout; with the argument "args" it prints its arguments and environment,
// with "goroutines N" it lets N goroutines sleep 20 ms and counts them, with "exit N" it ends so.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		word(os.Args[1], os.Args[2:])
		return
	}
	var request struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"greeting": "Hello, " + request.Name})
}

func word(name string, rest []string) {
	number := 0
	if len(rest) > 0 {
		number, _ = strconv.Atoi(rest[0])
	}
	switch name {
	case "args":
		fmt.Println(rest, os.Environ())
	case "exit":
		os.Exit(number)
	case "goroutines":
		fmt.Println(sleepers(number))
	default:
		fmt.Fprintln(os.Stderr, "unknown word", name)
		os.Exit(2)
	}
}

func sleepers(n int) int64 {
	var woken atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			time.Sleep(20 * time.Millisecond)
			woken.Add(1)
		})
	}
	all.Wait()
	return woken.Load()
}
