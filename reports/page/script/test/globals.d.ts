import type { Data } from "../types";

declare global {
  // test runs a test.
  function test(name: string, body: () => void): void;
  // story is the data of a failover, as Go writes it.
  const story: Data;
  // inks are the variables of the page's style sheet.
  const inks: string[];
}
