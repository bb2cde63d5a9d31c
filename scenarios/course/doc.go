// Package course plays every lesson, several at a time, and draws the page that leads through them.
//
//	scenarios.Course ─▶ startLessons ─▶ a run directory a lesson ──┐
//	                                    a sweep, where it has one ─┼▶ page.Index
//	                                    how it differs from a twin ┘
//
// Lessons come out in the order in which they are taught, whichever ends first.
//
// What it is not: which lessons there are and in which order stands in package scenarios.
package course
