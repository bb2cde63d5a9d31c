package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	m := flag.String("mistake", string(none), "what is planted: none, one-answer, early-answer")
	seeds := flag.Uint64("seeds", 100, "how many seeds to play at most")
	flag.Parse()
	switch mistake(*m) {
	case none, oneAnswer, earlyAnswer:
	default:
		fmt.Fprintf(os.Stderr, "no mistake is called %q: none, one-answer or early-answer\n", *m)
		os.Exit(2)
	}
	_, r, err := hunt(*seeds, mistake(*m))
	if err == nil {
		fmt.Printf("%d seeds: always as one register would have answered\n", *seeds)
		return
	}
	for _, e := range r.history {
		fmt.Println(e)
	}
	fmt.Println(err)
	os.Exit(1)
}
