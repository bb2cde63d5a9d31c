package scenarios

import (
	"strings"
	"time"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Scenario is one YAML file, checked and with its defaults filled in.
type Scenario struct {
	Name string // the lesson's name, or the file's path
	YAML string // the whole file, as changed by Set
	// Set are the settings that Override changed, each path=value.
	Set []string
	// Drawn is what the command line draws it by, as in --swarm; "" for one that was written.
	Drawn  string
	source string // the file as it was read

	Claim string
	// Why is what a student reads first, and Explain what is read once the question is answered.
	Why, Explain string

	Seed     uint64
	Duration time.Duration
	// Paranoid looks inside the brokers after every event that changed a replica.
	Paranoid bool
	// Audit has the world checked (sim.Config.Audit), Canaries the checks (checks/canary).
	Audit, Canaries bool
	Settle          time.Duration // how long the run may take to come to rest after Duration
	// Core are the servers that are healed first, while everything else stays broken; none for a run
	// in which all is healed at once, and whose groups and metadata are not waited for.
	Core []Role

	Cluster   Cluster
	Topics    []Topic
	Producers []Producer
	Consumers []Consumer
	Timeline  []Action
	Predict   Prediction
	Narrate   []Narration
	Expect    Expectation
	Knob      Knob
	Sweep     Sweep
}

// Cluster says what the brokers run on.
type Cluster struct {
	Brokers  int
	Metadata string // "zookeeper"
	Hardware string // a profile of package sim
	Config   []Setting
	// Controller is the broker that is started first, and so is the first controller; 0 for any.
	Controller int
	// Variants set protocols back to what they were before a fix.
	Variants config.Variants
	// Racks are the brokers' racks, by broker.
	Racks []string
}

// Setting is one property by its Kafka name.
type Setting struct {
	Name, Value string
	pos         position
}

// Topic is created before any workload starts.
type Topic struct {
	Name       string
	Partitions int
	Replicas   int
	// Create is whether it is created before the workload starts, and not by the timeline.
	Create     bool
	Assignment [][]int // broker ids by partition; excludes Partitions and Replicas
	Config     []Setting
	pos        position
}

// compacted tells whether the log cleaner works on the topic.
func (t *Topic) compacted() bool {
	for _, s := range t.Config {
		if s.Name == "cleanup.policy" && strings.Contains(s.Value, "compact") {
			return true
		}
	}
	return false
}

// Producer sends records at a steady rate.
type Producer struct {
	Name  string
	Topic string
	// Records per Per, one at a time in even steps.
	Rate  Rate
	Start time.Duration
	Until time.Duration
	Count int // ends it earlier; 0 is no limit
	Size  int64
	// Keys is how many distinct keys the records have; 0 sends records without a key.
	Keys int
	// Values are sent in turn, each once, in place of generated ones.
	Values []string
	// Letters choose a record's partition by the first letter of its value.
	Letters []LetterRange

	Acks     string
	Linger   time.Duration
	Batch    int64
	InFlight int
	Retries  int
	// Idempotence is enable.idempotence: "", which is Kafka's default, on or off.
	Idempotence string
	Timeout     time.Duration // request.timeout.ms
	MetadataAge time.Duration // metadata.max.age.ms
	Compression string
	Config      []Setting // further properties by their Kafka names
	pos         position
}

// LetterRange sends values that begin with From to To, in either case, to Partition.
type LetterRange struct {
	From, To  byte
	Partition int
}

// Rate is a number of things per time.
type Rate struct {
	N   int
	Per time.Duration
}

// Every is the time between two.
func (r Rate) Every() time.Duration { return r.Per / time.Duration(r.N) }

// Consumer is a number of alike consumers, which are consumer-1, consumer-2, … in the order of the
// file.
type Consumer struct {
	Group   string
	Members int
	Topics  []string
	Assign  []kafka.TopicPartition // in place of Group and Topics
	Start   time.Duration
	From    string // auto.offset.reset: earliest, latest or none
	Commit  string // auto, each-poll, before, after or never
	Process time.Duration
	Session time.Duration
	Rack    string // client.rack
	// Instance is group.instance.id, with -1, -2, … behind it where there are more members; "" for
	// dynamic ones.
	Instance string
	Assignor string    // partition.assignment.strategy; "" is range
	Config   []Setting // further properties by their Kafka names
	Epochs   bool      // false is a client from before KIP-320
	// MetadataAge is metadata.max.age.ms.
	MetadataAge time.Duration
	pos         position
}

// Action is one entry of the timeline.
type Action struct {
	At    time.Duration
	When  Trigger
	Delay time.Duration // between the trigger and the action
	// Chained says that it comes after the entry before it: Then later, or at the first event from
	// then on.
	Chained bool
	Then    time.Duration
	For     time.Duration // undoes the action after this time; 0 leaves it
	Label   string        // its name, for others to refer to
	// Say is what a student is told when it happens; "" leaves it to its own words.
	Say string
	// Quiet is set-up: no step of the story tells of it.
	Quiet bool

	Verb    string // one of the verbs
	Targets []Role
	Name    string // of what a verb is done to that is no node
	Detail

	place    int      // its index in the timeline
	after    *Action  // the entry before it, if Chained
	supplied []string // the option keys that the file has
	byPos    position // of its `by`, if it has one
	pos      position
}

// Detail holds the further keys of an action; which belong to which verb, its row says.
type Detail struct {
	To         []Role        // the other side
	By         time.Duration // negative for a clock that is set back
	PPM        int64         // of drift-clock
	API        string        // a Kafka request, such as Fetch
	Message    string        // request, reply, or "" for both
	Nth, Count int
	Partition  kafka.TopicPartition
	Records    int
	Values     []string
	Key        string
	Partitions int
	Config     []Setting
	Before     kafka.Offset // −1 is the high watermark
	Offset     kafka.Offset
	Unclean    bool
	Replicas   []int
	Files      string // of rot
	Every      time.Duration
	Leave      int
	Keeps      string // of power-loss: chance or nothing
	Rate       Rate   // of change: the zero Rate leaves it
	Process    time.Duration
	Timestamp  *int64 // of send, in milliseconds since 1970, which is when a run begins
	Headers    []wire.RecordHeader
	Error      wire.Code
}

// Trigger is something that must have happened; the zero Trigger is met at once.
type Trigger struct {
	Note  kafka.NoteKind
	Held  string   // the name of an entry that holds a message
	Fired string   // the name of an entry that is done; timelines and predictions wait for that
	Where []string // topic-partitions, topics, groups and nodes, which must all fit
	Least kafka.Offset
	text  string
}

// event tells whether there is anything to wait for.
func (t Trigger) event() bool {
	return t.Note != kafka.NoNote || t.Held != "" || t.Fired != ""
}

// Role names nodes by what they are when an action fires.
type Role struct {
	// node, leader, follower, followers, controller, coordinator, zookeeper, brokers, minority, all
	Kind string
	Arg  string
	text string
	pos  position
}

// Prediction is asked before the run is shown.
type Prediction struct {
	Question, Answer string
	// Choices are the answers to choose from; none leaves the answer to the student's own words.
	Choices []Choice
	At      Trigger // what decides; the zero Trigger leaves it to the report
	pos     position
}

// Choice is an answer to choose. What it says of the run, Counts and Sometimes do, so that the run
// itself shows whether it is right.
type Choice struct {
	Text      string
	Right     bool
	Counts    []Bound   // of measures
	Sometimes []Trigger // each at least once
	pos       position
}

// Narration is said when something happens.
type Narration struct {
	When Trigger
	Say  string
	pos  position
}

// Expectation is what the claim demands.
type Expectation struct {
	Findings  []kafka.Anomaly // each of these, and no others but for
	Allow     []kafka.Anomaly // those that may be found, and need not be
	Sometimes []Trigger       // each at least once
	Counts    []Bound         // of measures
	// Void says that a setting was changed, so that nothing is expected: the run is not judged.
	Void bool
}

// nothing tells whether nothing need happen for the claim to hold.
func (e *Expectation) nothing() bool {
	return !e.Void && len(e.Findings) == 0 && len(e.Sometimes) == 0 && len(e.Counts) == 0
}

// Bound is what a measure of the run must keep to.
type Bound struct {
	Counter string
	Is      string // ">=", "<=" or "="
	N       int64  // in the measure's unit
}

// holds tells whether the bound is kept.
func (b Bound) holds(n int64) bool {
	switch b.Is {
	case ">=":
		return n >= b.N
	case "<=":
		return n <= b.N
	default:
		return n == b.N
	}
}

// String prints the bound, as in "send.ok >= 10".
func (b Bound) String() string {
	unit, _ := kafka.UnitOf(b.Counter)
	return b.Counter + " " + b.Is + " " + unit.Format(b.N)
}

// position is a place in the YAML file, for messages.
type position struct {
	Line, Column int
}
