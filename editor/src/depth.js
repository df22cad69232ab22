// How deep a text nests, as far as the parser of the editor cares.
//
// Owns: the decision that a text is too deep to be coloured and folded. Does not own: what is wrong
// with it; the page says that.

import { yamlLanguage } from "@codemirror/lang-yaml";
import { Language, LanguageSupport } from "@codemirror/language";
import { NodeType, Parser, Tree } from "@lezer/common";

/**
 * The parser builds its tree by recursion, and so do those who walk it: a text that nests some
 * hundred levels deep ends their stack. No manifest comes near this.
 */
const DEEPEST = 200;

/** Whether the text may nest deeper than the parser bears; brackets in strings count too. */
export function tooDeep(text) {
  let brackets = 0;
  let indicators = 0;
  let leading = true;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    switch (unit) {
      case 0x5b: // [
      case 0x7b: // {
        brackets += 1;
        leading = false;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (brackets > 0) brackets -= 1;
        leading = false;
        break;
      case 0x0a: // a new line: entries are counted anew
        indicators = 0;
        leading = true;
        break;
      case 0x20: // space, or the end of a key or an entry
        break;
      case 0x2d: // -
      case 0x3f: // ?
      case 0x3a: // :
        if (leading || unit === 0x3a) indicators += 1;
        break;
      default:
        leading = false;
    }
    if (brackets + indicators > DEEPEST) return true;
  }
  return false;
}

/** A parse that finds nothing. */
class Blank {
  constructor(length) {
    this.parsedPos = length;
    this.stoppedAt = null;
  }

  advance() { return new Tree(NodeType.none, [], [], this.parsedPos); }

  stopAt(pos) { this.stoppedAt = pos; }
}

class Bounded extends Parser {
  constructor(parser) {
    super();
    this.parser = parser;
  }

  createParse(input, fragments, ranges) {
    if (tooDeep(input.read(0, input.length))) return new Blank(input.length);
    return this.parser.createParse(input, fragments, ranges);
  }
}

/** YAML, as long as it does not nest too deep to be parsed. */
export const boundedYaml = () => new LanguageSupport(
  new Language(yamlLanguage.data, new Bounded(yamlLanguage.parser), [], "yaml"),
);
