// Package palette holds every colour of a report, on a light and on a dark page. Figures name inks,
// and the style sheets of both pages are made from the same table: the three cannot drift apart.
//
//	Table ──▶ figures: an ink's light colour, and a class that dark pages recolour
//	      └─▶ page: --blue, --paper … as CSS variables, light, dark, and dark by choice
//	Cast ──▶ which of them each node of a run has, in figures and page alike
//
// Its tests hold the table to the contrast that WCAG 2 asks for, and lines that stand side by side
// to being told apart by those who see fewer colours.
package palette
