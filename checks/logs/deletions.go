package logs

import (
	"fmt"
	"slices"

	"sandcastle/model/kafka"
)

// DeleteRecords says that a broker is asked to delete the records of a partition below an offset,
// with NoOffset all below the high watermark. Until it has answered it may do so at any time.
func (b *Book) DeleteRecords(tp kafka.TopicPartition, before kafka.Offset) {
	p := b.part(tp)
	p.deletions = append(p.deletions, before)
}

// DeletedRecords says what the broker has answered, nil when it can do so no longer.
func (b *Book) DeletedRecords(tp kafka.TopicPartition, before kafka.Offset,
	answer *kafka.DeleteAnswer,
) {
	p := b.part(tp)
	at := slices.Index(p.deletions, before)
	if at < 0 {
		return
	}
	if answer != nil {
		b.judgeDeletion(tp, before, answer)
	}
	if answer == nil || !answer.Refused {
		p.allowed = max(p.allowed, p.deletable(before))
	}
	p.deletions = slices.Delete(p.deletions, at, at+1)
}

// judgeDeletion looks at an answer: where the high watermark is no question of it is out of range,
// and when it says that all is well all live replicas have deleted what it was about
// (Partition.deleteRecordsOnLeader, DelayedDeleteRecords, 3.9).
func (b *Book) judgeDeletion(tp kafka.TopicPartition, before kafka.Offset,
	answer *kafka.DeleteAnswer,
) {
	wrong := ""
	switch {
	case before < 0 && answer.OutOfRange:
		wrong = "that the high watermark is out of range"
	case answer.Done && answer.Low < max(before, 0):
		wrong = fmt.Sprintf("that records below %d are deleted, and that some replica still has those "+
			"from %d on", before, answer.Low)
	case answer.Done && answer.Low > b.part(tp).high:
		wrong = fmt.Sprintf("that every replica's log starts at %d or above: nothing above offset %d "+
			"was ever committed", answer.Low, b.part(tp).high)
	default:
		return
	}
	b.report(Violation{
		Anomaly: kafka.OutOfBounds, Identity: fmt.Sprint(tp, "deletion", before),
		Explanation: fmt.Sprintf("broker %d was asked to delete the records of %s below offset %d "+
			"(-1 is the high watermark), and says %s", answer.Broker, tp, before, wrong),
		Witnesses: []kafka.Witness{witness(b.now, answer.Broker, fmt.Sprintf(
			"%s: DeleteRecords before %d → low watermark %d", tp, before, answer.Low))},
	})
}

// deletable is up to where DeleteRecords may delete that asks for all below an offset.
func (p *part) deletable(before kafka.Offset) kafka.Offset {
	if before < 0 {
		return p.high
	}
	return min(before, p.high)
}
