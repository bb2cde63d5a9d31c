package page

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	requests "github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
)

// browserAsked is the variable that lets the browser tests run: 1, or the path of a Chromium.
// `make test-browser` sets it. browserShots is a directory that takes a picture of every page.
const (
	browserAsked = "SANDCASTLE_BROWSER"
	browserShots = "SANDCASTLE_SHOTS"
)

// startBrowser starts a headless Chromium for a test and what is below it, or skips it.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv(browserAsked)
	if path == "" {
		t.Skipf("opens report.html in a real Chromium, which takes a while: `make test-browser`, or set %s=1",
			browserAsked)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "1" {
			path = found
		}
	}
	if path == "1" {
		t.Skip("there is no Chromium: `make test-browser` installs Debian's")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "Chromium at %s does not start", path)
	return ctx
}

// look is how a page is shown.
type look struct {
	width, height int64
	scheme        string // light or dark
	calm          bool   // reduced motion
	noScript      bool
}

// tab is a page that is open in the browser, with all that it complained of or asked for.
type tab struct {
	t        *testing.T
	ctx      context.Context
	lock     sync.Mutex
	console  []string
	requests []string
}

// open opens a page in a tab of its own and waits until it is drawn.
func open(t *testing.T, browser context.Context, url string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	w := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Do(ctx))
	require.NoError(t, chromedp.Listen(ctx, w.heard))
	w.call(func() error {
		_, err := chromedp.Call(ctx, requests.Enable, requests.EnableParams{})
		return err
	})
	motion := "no-preference"
	if l.calm {
		motion = "reduce"
	}
	w.call(func() error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: l.scheme},
				{Name: "prefers-reduced-motion", Value: motion},
			},
		})
		return err
	})
	w.call(func() error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
		return err
	})
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(l.width, l.height), chromedp.Navigate(url)))
	if !l.noScript {
		w.until(`document.documentElement.dataset.ready !== undefined`)
	}
	return w
}

func (w *tab) call(do func() error) {
	w.t.Helper()
	require.NoError(w.t, do())
}

// heard keeps what the page writes to the console and what it asks the network for.
func (w *tab) heard(event any) {
	w.lock.Lock()
	defer w.lock.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.console = append(w.console, fmt.Sprintf("%s: %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		w.console = append(w.console, fmt.Sprintf("%+v", e.ExceptionDetails))
	case *log.EventEntryAdded:
		w.console = append(w.console, e.Entry.Text)
	case *requests.EventRequestWillBeSent:
		w.requests = append(w.requests, e.Request.URL)
	}
}

// silent is true while the page has complained of nothing and has asked for nothing but itself.
func (w *tab) silent() {
	w.t.Helper()
	w.lock.Lock()
	defer w.lock.Unlock()
	require.Empty(w.t, w.console)
	require.Len(w.t, w.requests, 1, "%v", w.requests)
}

// value is what an expression yields in the page.
func value[T any](w *tab, expression string, how ...chromedp.EvaluateOption) T {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, how...))
	require.NoError(w.t, err, expression)
	return v
}

// number, text and yes are the values that tests ask for.
func (w *tab) number(expression string) float64 { w.t.Helper(); return value[float64](w, expression) }

func (w *tab) text(expression string) string { w.t.Helper(); return value[string](w, expression) }

func (w *tab) yes(expression string) bool { w.t.Helper(); return value[bool](w, expression) }

// run runs a statement and waits for the frame after the next, in which its effect is drawn.
func (w *tab) run(statement string) {
	w.t.Helper()
	require.NoError(w.t, chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](statement)), statement)
	w.frame()
}

func (w *tab) frame() {
	w.t.Helper()
	require.NoError(w.t, chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](
		`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))`,
		chromedp.EvalAwaitPromise)))
}

// until waits until an expression is true.
func (w *tab) until(expression string) {
	w.t.Helper()
	for range 200 {
		if w.yes(expression) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	require.Fail(w.t, "never true", expression)
}

// key presses a key as a reader or a lecturer's remote does.
func (w *tab) key(key string) {
	w.t.Helper()
	require.NoError(w.t, chromedp.Do(w.ctx, chromedp.KeyEvent(key)))
	w.frame()
}

// click clicks into the middle of an element.
func (w *tab) click(id string) {
	w.t.Helper()
	w.run(fmt.Sprintf(`document.getElementById(%q).click()`, id))
}

// print shows the page as it would stand on paper.
func (w *tab) print() {
	w.t.Helper()
	w.run(`dispatchEvent(new Event("beforeprint"))`)
	w.call(func() error {
		_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	})
	w.frame()
	w.shoot("paper")
}

// shoot keeps a picture of the page for those who look at it.
func (w *tab) shoot(name string) {
	w.t.Helper()
	dir := os.Getenv(browserShots)
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	require.NoError(w.t, err)
	require.NoError(w.t, os.MkdirAll(dir, 0o755))
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644))
}

// screen keeps a picture of what a reader sees without scrolling.
func (w *tab) screen(name string) {
	w.t.Helper()
	dir := os.Getenv(browserShots)
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	require.NoError(w.t, err)
	require.NoError(w.t, os.MkdirAll(dir, 0o755))
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644))
}

// pageFile writes the page of a story and returns its address.
func pageFile(t *testing.T, s *digest.Story, lesson digest.Lesson) string {
	t.Helper()
	page, err := Report(s, lesson, figures.All(s))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, page, 0o644))
	return "file://" + path
}
