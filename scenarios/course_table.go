package scenarios

// subjectTable lists the subjects in the order in which they are taught.
func subjectTable() []Subject {
	return []Subject{
		{Folder: "tools", Title: "Tools"},
		{Folder: "log", Title: "The log"},
		{Folder: "producers", Title: "Producers"},
		{Folder: "replication", Title: "Brokers and replication"},
		{Folder: "groups", Title: "Consumers and groups"},
		{Folder: "transactions", Title: "Transactions and limits"},
		{Folder: "capacity", Title: "Capacity"},
	}
}

// chapterRow is a chapter and the lesson that opens it. Twins have the lesson's name and a suffix.
type chapterRow struct {
	number                        int
	lesson, title, figure, source string
}

// chapterTable lists the chapters in the order in which they are taught. A new lesson that is
// nobody's twin needs a row.
func chapterTable() []chapterRow {
	return []chapterRow{
		{0, "tools/break-it-first", "Break it first", "throughput", ""},

		{1, "log/reading", "What reading does to a log", "offsets", ""},
		{2, "log/position", "To a position in the middle of a log", "offsets", ""},
		{3, "log/names-by-partition", "Order in a partition, and across two", "load", ""},
		{3, "log/hot-partition", "Which partition a record goes to, and the load", "load", ""},
		{4, "log/key-affinity", "The order of a key when partitions are added", "load", ""},
		{5, "log/retention", "What retention takes, and when", "offsets", ""},
		{6, "log/compaction", "What compaction leaves", "offsets", ""},

		{7, "producers/batching", "What linger.ms and batch.size do", "throughput", ""},
		{8, "producers/lost-ack", "A lost acknowledgement", "throughput", ""},
		{9, "producers/retries-in-order", "Retries with five requests in flight", "throughput", ""},
		{10, "producers/ack-then-leader-dies", "The leader dies just after an answer", "offsets", ""},
		{11, "producers/all-is-the-isr", "Whom acks=all waits for", "leadership", ""},
		{12, "producers/min-insync", "Two of three brokers die", "throughput", ""},
		{34, "producers/forgotten-producer", "A producer that was forgotten with its records",
			"offsets", "KIP-360, KAFKA-7190"},

		{13, "replication/leader-failover", "A leader dies under load", "throughput", ""},
		{14, "replication/leaders-spread", "A broker leads some partitions and follows others",
			"leadership", ""},
		{16, "replication/high-watermark", "How soon a record can be read", "offsets", ""},
		{17, "replication/old-leader", "A leader that is cut off", "leadership", ""},
		{18, "replication/acked-then-truncated",
			"A follower that was told late", "offsets", "KIP-101, scenario 1"},
		{18, "replication/diverged-logs", "Two logs after a power loss",
			"offsets", "KIP-101, scenario 2"},
		{18, "replication/unclean-ping-pong", "Leaders by turns, unclean",
			"offsets", "KIP-279, KAFKA-6361"},
		{18, "replication/missed-epoch", "A follower that missed an epoch",
			"offsets", "KAFKA-7164, KIP-320"},
		{18, "replication/zombie-follower", "A follower that missed two elections",
			"offsets", "KAFKA-6880, KIP-320"},
		{18, "replication/follower-reads", "What a follower may show",
			"offsets", "KAFKA-14704"},
		{19, "replication/no-fsync", "Where an acknowledged record is", "throughput", ""},
		{21, "replication/partitioned", "Network partitions of every kind", "throughput", ""},

		{22, "groups/queue-or-publish", "Queue or publish–subscribe", "ownership", ""},
		{23, "groups/consumers-outnumber-partitions", "More consumers than partitions",
			"ownership", ""},
		{25, "groups/processing", "Commit before or after processing", "offsets", ""},
		{30, "groups/walked-over-truncation", "A consumer and a log that was cut",
			"offsets", "KIP-320"},

		{36, "capacity/partitions-and-consumers", "More of both, until something saturates",
			"load", ""},
		{37, "capacity/acks-cost", "What copies and acknowledgements cost", "throughput", ""},
	}
}

// CoursePaths lists the ways through the course, the shortest first.
func CoursePaths() []CoursePath {
	return []CoursePath{
		{
			Title: "Introduction, 45 minutes",
			About: "What a log, a partition, a group and a replica are, and what an acknowledgement is " +
				"worth.",
			Numbers: []int{1, 3, 22, 23, 13, 10},
		},
		{
			Title:   "Half a day for developers",
			About:   "What a program that sends and reads has to know.",
			Numbers: []int{1, 2, 3, 4, 7, 8, 9, 10, 13, 23, 25, 26, 27, 28, 33},
		},
		{
			Title:   "Internals",
			About:   "How replicas agree, and what each repair of the protocol is there for.",
			Numbers: []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 31, 32, 33, 34, 35},
		},
	}
}
