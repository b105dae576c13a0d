// main.go — Go's side of the rows: each call measures one row some times over.
// Usage: goroutines ROW THREADS REPEATS; prints nanoseconds per operation, one figure per line.

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const taskCount = 1_000_000

// Each goroutine leaves its product in its place; the group waits for all of them.
func group(factor uint64) uint64 {
	var group sync.WaitGroup
	group.Add(taskCount)
	products := make([]uint64, taskCount)
	for number := range products {
		go func(number int) {
			products[number] = uint64(number) * factor
			group.Done()
		}(number)
	}
	group.Wait()
	var sum uint64
	for _, product := range products {
		sum += product
	}
	return sum
}

// Each goroutine sends its product on a channel of its own, which is received from in order.
func channels(factor uint64) uint64 {
	results := make([]chan uint64, taskCount)
	for number := range results {
		result := make(chan uint64, 1)
		results[number] = result
		go func(number uint64) { result <- number * factor }(uint64(number))
	}
	var sum uint64
	for _, result := range results {
		sum += <-result
	}
	return sum
}

func number(word string) int {
	value, problem := strconv.Atoi(word)
	if problem != nil {
		panic(problem)
	}
	return value
}

func main() {
	if len(os.Args) != 4 {
		panic("usage: goroutines ROW THREADS REPEATS")
	}
	rows := map[string]func(uint64) uint64{"spawn": group, "spawn-channel": channels}
	row, known := rows[os.Args[1]]
	if !known {
		panic("there is no row " + os.Args[1])
	}
	runtime.GOMAXPROCS(number(os.Args[2]))
	for repeat := 0; repeat <= number(os.Args[3]); repeat++ {
		start := time.Now()
		sum := row(3)
		spent := time.Since(start)
		if sum != 3*taskCount*(taskCount-1)/2 {
			panic("a wrong sum")
		}
		if repeat > 0 { // the first warms up
			fmt.Printf("%.3f\n", float64(spent.Nanoseconds())/taskCount)
		}
	}
}
