package page

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded"
)

// evil is a record's value that would be a picture, and a program, if it were ever taken as HTML.
const evil = `<img src=x onerror="document.title='broken in'">`

// toldStory is a failover with its messages: sends, fetches, one lost frame, an evil value; a finding with
// a witness; and a lesson with a question.
func toldStory(t *testing.T) (*digest.Story, digest.Lesson) {
	t.Helper()
	r := recorded.Failover(20)
	r.Run.Findings = []kafka.Finding{{
		Anomaly: kafka.LostWrite, Count: 1, Explanation: "v3 is gone",
		Witnesses: []kafka.Witness{{At: 4000 * ms, Who: "broker-2", Text: "is killed", Op: -1}},
	}}
	r.Run.Expected = []kafka.Anomaly{kafka.LostWrite}
	trace := slices.Clone(r.Trace)
	frame := func(at model.Time, from, to model.NodeID, api string, reply bool, kind, text string) {
		trace = append(trace, kafka.TraceLine{TraceLine: model.TraceLine{
			At: at, Node: to, Kind: kind, Peer: from, Sent: at - 400_000,
			Conn: 3, Label: model.Label{Name: api, Correlation: 7, Reply: reply, Versioned: true, Version: 9}},
			Note: kafka.Note{Text: text, Partitions: []kafka.TopicPartition{{Topic: "orders"}}}})
	}
	for i := range 60 {
		at := 1000*ms + model.Time(i)*50*ms + 500_000
		frame(at, "producer-p1", "broker-2", "Produce", false, "frame", `orders-0: 1 record "`+evil+`"`)
		frame(at+ms, "broker-3", "broker-2", "Fetch", false, "frame", "orders-0@3")
		frame(at+2*ms, "broker-2", "producer-p1", "Produce", true, "frame", "orders-0: offset 3")
	}
	frame(3999*ms, "broker-3", "broker-2", "Fetch", false, model.TraceLost, "orders-0@60")
	slices.SortStableFunc(trace, func(a, b kafka.TraceLine) int { return cmp.Compare(a.At, b.At) })
	for i := range trace {
		trace[i].Seq = uint64(i + 1)
		if i > 0 && trace[i].Label.Reply {
			trace[i].Cause = uint64(i)
		}
	}
	r.Trace = trace
	return story(r), digest.Lesson{
		Why: "Because.", Question: "Which records are lost?", Answer: "None of them.",
		Knob: digest.Knob{Set: []string{"producers[0].acks=1"}, Moves: "lost-write", Question: "And with acks=1?"},
	}
}

var wide = look{width: 1280, height: 900, scheme: "light"}

func TestPageInBrowser(t *testing.T) {
	browser := startBrowser(t)
	story, lesson := toldStory(t)
	url := pageFile(t, story, lesson)
	skipped := url + "#t=0" // a fragment skips the prediction

	t.Run("opens from disk and asks for nothing", func(t *testing.T) {
		w := open(t, browser, url, wide)
		require.Equal(t, "Which records are lost?", w.text(`[...document.querySelectorAll("h1")].find((h) =>
			h.offsetParent).textContent`))
		require.Positive(t, w.number(`Number(stage.dataset.shown)`))
		w.silent()
	})
	t.Run("predict, then reveal", func(t *testing.T) {
		w := open(t, browser, url, wide)
		require.False(t, w.yes(`veil.hidden`), "what follows is hidden")
		require.Contains(t, w.text(`say.innerText`), lesson.Why, "the situation is read before the question")
		require.False(t, w.yes(`document.body.innerText.includes("None of them.")`))
		require.False(t, w.yes(`document.body.innerText.includes("killing the leader loses nothing")`))
		w.click("tab-verdict")
		require.False(t, w.yes(`document.body.innerText.includes("lost-write")`))
		w.click("tab-story")
		w.run(`scrub.value = 9e6; scrub.dispatchEvent(new Event("input"))`)
		require.Less(t, w.number(`Number(stage.dataset.time)`), 4e6, "the cursor stops at the veil")
		for range 20 { // up to the question
			if w.yes(`document.querySelector("#ask.now") !== null`) {
				break
			}
			w.key(kb.ArrowRight)
		}
		require.True(t, w.yes(`document.querySelector("#ask.now") !== null`))
		w.key(kb.PageDown)
		require.True(t, w.yes(`veil.hidden`))
		require.Contains(t, w.text(`say.innerText`), "broker-2 is killed")
		require.True(t, w.yes(`document.body.innerText.includes("None of them.")`))
		w.click("tab-verdict")
		require.True(t, w.yes(`document.body.innerText.includes("lost-write")`))
		w.silent()
	})
	t.Run("choose an answer, then reveal", func(t *testing.T) {
		chosen := lesson
		chosen.Explain = "Everybody had them."
		chosen.Choices = []digest.Choice{{Text: "All."}, {Text: "None.", Right: true}}
		w := open(t, browser, pageFile(t, story, chosen), wide)
		require.Equal(t, "All.|None.", w.text(`[...choices.children].map((b) => b.textContent).join("|")`))
		w.run(`choices.children[0].click()`)
		require.Equal(t, "true", w.text(`choices.children[0].getAttribute("aria-pressed")`))
		w.click("tab-why")
		require.False(t, w.yes(`document.body.innerText.includes("Everybody had them.")`))
		w.click("tab-again")
		require.False(t, w.yes(`document.body.innerText.includes("And with acks=1?")`), "the knob tells")
		w.click("tab-story")
		w.click("open-all")
		require.Equal(t, "All. ✗|None. ✓", w.text(`[...choices.children].map((b) => b.textContent).join("|")`))
		w.click("tab-why")
		require.True(t, w.yes(`document.body.innerText.includes("Everybody had them.")`))
		w.silent()
	})
	t.Run("a reader who wants no game", func(t *testing.T) {
		w := open(t, browser, url, wide)
		w.click("open-all")
		require.True(t, w.yes(`veil.hidden`))
		require.Contains(t, w.text(`document.body.innerText`), "None of them.")
	})
	t.Run("steps by every key of a remote", func(t *testing.T) {
		w := open(t, browser, skipped, wide)
		last := w.text(`progress.textContent`)
		w.key(kb.Home)
		require.Regexp(t, `^step 1 of \d+$`, w.text(`progress.textContent`))
		for i, key := range []string{kb.ArrowRight, " ", ".", kb.PageDown} {
			w.key(key)
			require.Regexp(t, fmt.Sprintf(`^step %d of`, i+2), w.text(`progress.textContent`), "key %d", i)
		}
		w.key(kb.ArrowLeft)
		w.key(kb.PageUp)
		require.Regexp(t, `^step 3 of`, w.text(`progress.textContent`))
		require.Equal(t, "step", w.text(`document.querySelectorAll("#stops button")[2].ariaCurrent`))
		w.key(kb.End)
		require.Contains(t, w.text(`say.innerText`), "None of them.")
		require.NotEqual(t, last, w.text(`progress.textContent`))
		require.True(t, w.yes(`next.disabled`))
		w.silent()
	})
	t.Run("one cursor moves all views", func(t *testing.T) {
		w := open(t, browser, skipped, wide)
		w.click("whole")
		seen := map[string]bool{}
		for _, at := range []string{"2e6", "5e6", "9e6"} {
			w.run(`scrub.value = ` + at + `; scrub.dispatchEvent(new Event("input"))`)
			require.Equal(t, w.number(at), w.number(`Number(stage.dataset.time)`))
			x := w.number(`new DOMMatrix(getComputedStyle(cursor).transform).e`)
			require.InDelta(t, w.number(`Number(stage.dataset.x)`), x, 1.5)
			require.True(t, w.yes(`cursor.getBoundingClientRect().bottom >= tracks.getBoundingClientRect().bottom - 2`))
			now := w.text(`document.querySelector("#track-offsets .legend").textContent +
				document.querySelector("#track-leaders .legend").textContent + lanes.textContent`)
			require.False(t, seen[now], "offsets, leaders and nodes say what they are at the cursor")
			seen[now] = true
		}
		require.Contains(t, w.text(`document.querySelector("#track-leaders .legend").textContent`), "broker-3, epoch 1")
		w.silent()
	})
	t.Run("plays and pauses", func(t *testing.T) {
		w := open(t, browser, skipped, wide)
		w.click("whole")
		before := w.number(`Number(stage.dataset.time)`)
		w.frame()
		require.Equal(t, before, w.number(`Number(stage.dataset.time)`), "nothing moves by itself")
		w.click("play")
		w.until(fmt.Sprintf(`Number(stage.dataset.time) > %f + 1e5`, before))
		w.click("play")
		stopped := w.number(`Number(stage.dataset.time)`)
		w.frame()
		require.Equal(t, stopped, w.number(`Number(stage.dataset.time)`))
	})
	t.Run("filters", func(t *testing.T) {
		w := open(t, browser, skipped, wide)
		shown := w.number(`Number(stage.dataset.shown)`)
		rows := w.number(`lanes.children.length`)
		box := func(label string) {
			w.run(fmt.Sprintf(`[...document.querySelectorAll("#filters label")].find((l) =>
				l.textContent.trim() === %q).querySelector("input").click()`, label))
		}
		box("Fetch")
		fewer := w.number(`Number(stage.dataset.shown)`)
		require.Equal(t, shown-61, fewer)
		box("Fetch")
		require.Equal(t, shown, w.number(`Number(stage.dataset.shown)`))
		box("broker-3")
		require.Equal(t, rows-1, w.number(`lanes.children.length`))
		require.Less(t, w.number(`Number(stage.dataset.shown)`), shown)
		w.run(`partition.value = "0"; partition.dispatchEvent(new Event("change"))`)
		require.Contains(t, w.text(`count.textContent`), "events shown")
		w.silent()
	})
	t.Run("a click shows the request, the state and the causes, all as text", func(t *testing.T) {
		w := open(t, browser, url+"#t=1002500", wide)
		w.run(`for (let i = 0; i < 40 && !/Produce.*answer/.test(detail.textContent); i++)
			document.getElementById("event-on").click()`)
		require.Contains(t, w.text(`detail.innerText`), "Produce, version 9: answer")
		require.Contains(t, w.text(`detail.innerText`), "What led to it")
		w.run(`document.querySelector("#detail .chain button").click()`)
		require.Regexp(t, `Fetch, version 9: request|Produce, version 9: request`, w.text(`detail.innerText`))
		w.run(`for (let i = 0; i < 40 && !detail.textContent.includes("onerror"); i++)
			document.getElementById("event-on").click()`)
		require.Contains(t, w.text(`detail.textContent`), evil)
		require.Zero(t, w.number(`document.images.length`))
		require.NotEqual(t, "broken in", w.text(`document.title`))
		w.silent()
	})
	t.Run("the name of an arrow is chosen by a click", func(t *testing.T) {
		w := open(t, browser, url+"#t=1000500&from=999500&to=1004500", wide)
		require.Positive(t, w.number(`Number(stage.dataset.places)`), "names are written")
		for _, at := range []string{"pointerdown", "pointerup"} {
			w.run(`(() => {
				const box = canvas.getBoundingClientRect(), [x, y] = stage.dataset.place.split(" ").map(Number);
				canvas.dispatchEvent(new PointerEvent("` + at + `", { pointerId: 1, clientX: box.left + x, clientY: box.top + y }));
			})()`)
		}
		require.Regexp(t, `(Produce|Fetch), version 9`, w.text(`detail.innerText`))
	})
	t.Run("a word of the glossary is explained on focus and by a tap", func(t *testing.T) {
		w := open(t, browser, skipped, wide)
		tip := `document.getElementById("term-tip")`
		w.run(`document.querySelector("#track-offsets abbr").focus()`)
		require.False(t, w.yes(tip+`.hidden`))
		require.Equal(t, "term-tip", w.text(`document.activeElement.getAttribute("aria-describedby")`))
		require.Positive(t, w.number(tip+`.textContent.length`))
		w.key(kb.Escape)
		require.True(t, w.yes(tip+`.hidden`))
		w.run(`document.querySelectorAll("#track-leaders abbr")[0].click()`)
		require.False(t, w.yes(tip+`.hidden`))
		require.Zero(t, w.number(`document.querySelectorAll("abbr.term[title]").length`), "no second tip of the browser")
		w.run(`document.body.click()`)
		require.True(t, w.yes(tip+`.hidden`))
		w.silent()
	})
	t.Run("a fragment opens the page at the same moment", func(t *testing.T) {
		w := open(t, browser, skipped, wide)
		w.key(kb.Home)
		w.key(kb.ArrowRight)
		w.click("zoom-in")
		w.until(`location.hash.includes("seq=")`)
		w.frame()
		w.until(`location.hash.includes("from=" + Math.round(stage.dataset.from))`)
		again := open(t, browser, w.text(`location.href`), wide)
		for _, what := range []string{"time", "from", "to"} {
			require.InDelta(t, w.number(`Number(stage.dataset.`+what+`)`),
				again.number(`Number(stage.dataset.`+what+`)`), 1, what)
		}
		require.Equal(t, w.text(`detail.innerText`), again.text(`detail.innerText`))
		require.True(t, again.yes(`veil.hidden`))
		verdict := open(t, browser, url+"#verdict", wide)
		require.True(t, verdict.yes(`document.getElementById("verdict").classList.contains("on")`))
	})
	t.Run("a witness opens its moment", func(t *testing.T) {
		w := open(t, browser, url+"#tab=verdict&t=0", wide)
		w.run(`document.querySelector("tr[data-finding] button").click()`)
		require.True(t, w.yes(`story.classList.contains("on")`))
		require.Equal(t, 4e6, w.number(`Number(stage.dataset.time)`))
		w.click("tab-timeline")
		w.run(`[...document.querySelectorAll(".moments button")].find((b) => b.textContent === "5.200").click()`)
		require.Equal(t, 5.2e6, w.number(`Number(stage.dataset.time)`))
		w.click("tab-again")
		require.Contains(t, w.text(`document.getElementById("knob-command").textContent`), "acks=1")
		w.silent()
	})
	t.Run("reduced motion", func(t *testing.T) {
		l := wide
		l.calm = true
		w := open(t, browser, skipped, l)
		w.run(`speed.value = "4"`)
		w.click("play")
		w.until(`Number(stage.dataset.time) > 0`)
		w.click("play")
		require.Positive(t, w.number(`detail.innerText.length`), "it goes from event to event")
	})
	t.Run("on paper", func(t *testing.T) {
		l := wide
		l.scheme = "dark"
		w := open(t, browser, skipped, l)
		w.print()
		all := w.text(`document.body.innerText`)
		for _, part := range []string{"killing the leader loses nothing", "Because.", "lost-write", "What happened"} {
			require.Contains(t, all, part)
		}
		require.Equal(t, "rgb(255, 255, 255)", w.text(`getComputedStyle(document.body).backgroundColor`))
	})
	t.Run("without JavaScript", func(t *testing.T) {
		l := wide
		l.noScript = true
		w := open(t, browser, url, l)
		all := w.text(`document.body.innerText`)
		for _, part := range []string{"killing the leader loses nothing", "Because.", "the claim held", "lost-write",
			"What happened", "is killed", "The run in figures"} {
			require.Contains(t, all, part)
		}
		require.False(t, w.yes(`story.offsetParent !== null`))
		w.shoot("without-script")
	})
}

// TestPageOfNothing opens pages of runs in which next to nothing happened.
func TestPageOfNothing(t *testing.T) {
	browser := startBrowser(t)
	short := &recorded.Run{Run: kafka.Run{Scenario: "mine", Verdict: kafka.VerdictUndecided}}
	short.Line(0, "broker-1", "started", "")
	for name, s := range map[string]*digest.Story{"empty": digest.NewCollector().Story(kafka.Run{}), "one event": story(short)} {
		t.Run(name, func(t *testing.T) {
			w := open(t, browser, pageFile(t, s, digest.Lesson{Question: "What?", Answer: "Nothing."}), wide)
			w.key(kb.ArrowRight)
			w.key(kb.End)
			require.Contains(t, w.text(`say.innerText`), "Nothing.")
			w.click("zoom-in")
			w.click("even")
			w.click("event-on")
			w.silent()
		})
	}
}

// TestPageOfDamagedData opens a page whose data was cut: it says so, and the rest can be read.
func TestPageOfDamagedData(t *testing.T) {
	browser := startBrowser(t)
	story, lesson := toldStory(t)
	page, err := Report(story, lesson, nil)
	require.NoError(t, err)
	before, after, found := strings.Cut(string(page), `id="data">`)
	require.True(t, found)
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, []byte(before+`id="data">`+after[200:]), 0o644))
	w := open(t, browser, "file://"+path, look{width: 1280, height: 900, scheme: "light", noScript: true})
	w.call(func() error {
		_, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: false})
		return err
	})
	require.NoError(t, chromedp.Do(w.ctx, chromedp.Navigate("file://"+path)))
	w.until(`document.getElementById("broken").hidden === false`)
	require.Contains(t, w.text(`document.body.innerText`), "The diagram cannot be drawn")
	require.Contains(t, w.text(`document.body.innerText`), "killing the leader loses nothing")
}

// TestPageLooks holds the page to its width, to letters that can be read, and to names for what has
// none, in every look.
func TestPageLooks(t *testing.T) {
	browser := startBrowser(t)
	story, lesson := toldStory(t)
	url := pageFile(t, story, lesson)
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%d %s", width, scheme), func(t *testing.T) {
				w := open(t, browser, url, look{width: width, height: 900, scheme: scheme})
				w.shoot(fmt.Sprintf("predict-%d-%s", width, scheme))
				w.click("open-all")
				for range 3 {
					w.key(kb.ArrowRight)
				}
				for _, name := range []string{"story", "why", "verdict", "figures", "timeline", "again", "words"} {
					w.click("tab-" + name)
					require.LessOrEqual(t, w.number(`document.documentElement.scrollWidth`), float64(width), name)
					require.Empty(t, w.text(tooSmall), "letters under 12 px in %s", name)
					require.Empty(t, w.text(nameless), "controls without a name in %s", name)
					w.shoot(fmt.Sprintf("%s-%d-%s", name, width, scheme))
				}
				require.Equal(t, scheme, w.text(`document.documentElement.dataset.theme`))
				w.click("theme")
				require.NotEqual(t, scheme, w.text(`document.documentElement.dataset.theme`))
				w.silent()
			})
		}
	}
}

// TestPageFirstScreen holds the first screen of a lesson, before anything is done, to its question and its
// brokers, on a small laptop and on a phone.
func TestPageFirstScreen(t *testing.T) {
	browser := startBrowser(t)
	story, lesson := toldStory(t)
	lesson.Why = strings.Repeat("The situation is told in four hundred letters. ", 9)
	lesson.Question = "The leader dies under load. Which acknowledged records are lost, and how long is the gap?"
	lesson.Choices = []digest.Choice{{Text: "none, and nobody waits"}, {Text: "none, but producers wait", Right: true},
		{Text: "those of the last second"}}
	url := pageFile(t, story, lesson)
	for _, l := range []look{{width: 1280, height: 800, scheme: "light"}, {width: 390, height: 844, scheme: "light"}} {
		t.Run(fmt.Sprint(l.width), func(t *testing.T) {
			w := open(t, browser, url, l)
			require.Empty(t, w.text(`[...document.querySelectorAll("h1.when-veiled, #choices button, #lanes button")].filter((e) =>
				(e.dataset.lane === undefined || e.textContent.startsWith("broker")) &&
				e.getBoundingClientRect().bottom > innerHeight).map((e) => e.textContent).join()`), "below the first screen")
			require.Equal(t, []string{"broker-1", "broker-2", "broker-3"}, strings.Fields(w.text(
				`[...document.querySelectorAll("#lanes button b")].slice(0, 3).map((e) => e.firstChild.nextSibling.textContent).join(" ")`)))
			w.screen(fmt.Sprintf("first-%d", l.width))
			w.silent()
		})
	}
}

// tooSmall lists texts that are shown in letters under 12 px. Figures have their own test.
const tooSmall = `[...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest("svg") &&
	[...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) &&
	parseFloat(getComputedStyle(e).fontSize) < 12).map((e) => e.tagName + " " + e.textContent).join("; ")`

// nameless lists controls that a screen reader could not name.
const nameless = `[...document.querySelectorAll("button, input, select, [role=img], [role=tab]")].filter((e) =>
	e.checkVisibility() && !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map((e) => e.outerHTML).join("; ")`

// framesOf makes a move in each of 80 frames and yields how long the page's script takes in each.
const framesOf = `(async () => {
	const n = 80, took = [], raf = window.requestAnimationFrame, run = Number(scrub.max);
	window.requestAnimationFrame = (f) => raf.call(window, (t) => {
		const from = performance.now();
		f(t);
		took.push(performance.now() - from);
	});
	for (let k = 0; k < n; k++) {
		%s;
		await new Promise((done) => raf.call(window, done));
	}
	window.requestAnimationFrame = raf;
	return took;
})()`

// TestPageOfManyEvents holds the page of 100,000 events to a first view within a second, and to
// scrubbing and zooming without stutter.
func TestPageOfManyEvents(t *testing.T) {
	browser := startBrowser(t)
	story, _ := crowded(12_400)
	require.Greater(t, len(story.Diagram.Events), 90_000)
	w := open(t, browser, pageFile(t, story, digest.Lesson{}), wide)
	first := w.number(`Number(document.documentElement.dataset.ready)`)
	t.Logf("%d events: first view after %.0f ms", len(story.Diagram.Events), first)
	require.Less(t, first, 1000.0)
	require.Less(t, w.number(`document.querySelectorAll("*").length`), 2500.0, "no element for each event")
	for _, c := range []struct{ name, move string }{
		{"scrubbing", `scrub.value = run * k / n; scrub.dispatchEvent(new Event("input"))`},
		{"zooming", `document.getElementById(k % 40 < 20 ? "zoom-in" : "zoom-out").click()`},
		{"panning", `canvas.dispatchEvent(new WheelEvent("wheel", { deltaX: 30, cancelable: true }))`},
		{"even spacing, zooming", `k || even.click();
			document.getElementById(k % 40 < 20 ? "zoom-in" : "zoom-out").click()`},
	} {
		w.click("whole")
		frames := value[[]float64](w, fmt.Sprintf(framesOf, c.move), chromedp.EvalAwaitPromise)
		slices.Sort(frames)
		middle, slow := frames[len(frames)/2], frames[len(frames)*95/100]
		t.Logf("%s: a frame takes %.1f ms, one in twenty %.1f ms", c.name, middle, slow)
		require.Less(t, middle, 16.0, c.name)
		require.Less(t, slow, 50.0, c.name)
	}
	w.silent()
}

// crowded is the story of a crowd.
func crowded(rounds int) (*digest.Story, *recorded.Traffic) {
	c := digest.NewCollector()
	w := &recorded.Traffic{To: c}
	w.Crowd(rounds)
	return c.Story(kafka.Run{}), w
}
