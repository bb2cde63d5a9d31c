// Command register plays a register on three replicas: one client writes 1, 2, 3 and so on, two
// read. A write is done when two replicas have it on disk. A read asks all, takes the highest of
// two answers, and makes sure that two replicas have it before it says so (Attiya, Bar-Noy and
// Dolev: "Sharing Memory Robustly in Message-Passing Systems", 1995). So once a value was
// acknowledged or read, no later read gives an older one, whatever fails.
//
//	replica.go   keeps the highest value that it was told of
//	client.go    writes or reads, over and over
//	message.go   what they say to each other
//	history.go   what clients saw, and whether one register could have answered so
//	world.go     the nodes, and what goes wrong
//
// Two mistakes can be planted. 100 seeds find either.
package main
