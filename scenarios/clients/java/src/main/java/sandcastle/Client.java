package sandcastle;

import java.util.Arrays;

/** Starts a program by its verb: send, member, words, or one of those of Topics. */
public final class Client {
  public static void main(String[] args) throws Exception {
    String[] rest = Arrays.copyOfRange(args, 1, args.length);
    switch (args[0]) {
      case "send": Send.main(rest); break;
      case "member": Member.main(rest); break;
      case "words": WordCount.main(rest); break;
      default: Topics.main(args);
    }
  }

  private Client() {}
}
