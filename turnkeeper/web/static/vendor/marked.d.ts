// Ours: what the console uses of marked, for the type checker.

export interface Token {
  type: string;
  raw: string;
}

export class Marked {
  constructor(of: {
    gfm: boolean;
    breaks: boolean;
    async: false;
    renderer: {
      html: (token: { text: string }) => string;
      image: (token: { href: string; text: string }) => string;
    };
  });
  lexer(text: string): Token[];
  parse(text: string): string;
}
