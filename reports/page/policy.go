package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// WithPolicy puts a Content-Security-Policy into the head of a finished page: the styles and the
// scripts that stand in it now are let through by their hashes (CSP level 3, section 8.2), and
// nothing else is, neither one that a run's text would smuggle in nor anything from the network.
// Attributes such as onclick and style are not let through, but for empty styles, which Porcupine's
// script sets. It fails for a page without a head.
func WithPolicy(html []byte) ([]byte, error) {
	const head = "<head>"
	at := bytes.Index(html, []byte(head))
	if at < 0 {
		return nil, fmt.Errorf("the page has no %s", head)
	}
	at += len(head)
	styles, scripts := inlineHashes(html)
	policy := "\n<meta http-equiv=\"Content-Security-Policy\" content=\"" + strings.Join([]string{
		"default-src 'none'", "style-src " + sources(styles),
		"style-src-attr 'unsafe-hashes' " + inlineHash(nil), "script-src " + sources(scripts),
		"img-src data:", "base-uri 'none'", "form-action 'none'",
	}, "; ") + "\">"
	return bytes.Join([][]byte{html[:at], []byte(policy), html[at:]}, nil), nil
}

// sources is a list of hashes as a directive has it.
func sources(hashes []string) string {
	if len(hashes) == 0 {
		return "'none'"
	}
	return strings.Join(hashes, " ")
}

// inlineHashes are the hashes of the elements style and script of a page, in their order. What a
// script element holds that is no program, by its type, is never run and needs none.
func inlineHashes(html []byte) (styles, scripts []string) {
	for rest := html; ; {
		name, at := "style", bytes.Index(rest, []byte("<style"))
		if other := bytes.Index(rest, []byte("<script")); other >= 0 && (at < 0 || other < at) {
			name, at = "script", other
		}
		if at < 0 {
			return styles, scripts
		}
		tag, body, _ := bytes.Cut(rest[at:], []byte(">"))
		content, after, _ := bytes.Cut(body, []byte("</"+name+">"))
		switch rest = after; {
		case name == "style":
			styles = append(styles, inlineHash(content))
		case !bytes.Contains(tag, []byte(" type=")):
			scripts = append(scripts, inlineHash(content))
		}
	}
}

// inlineHash is the source expression of an element's text, whose line ends a browser has made one
// byte by then.
func inlineHash(content []byte) string {
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	sum := sha256.Sum256(content)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
