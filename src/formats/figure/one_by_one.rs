//! Text for a library that draws character by character from left to right.

/// A text as it can be drawn glyph by glyph from left to right: any blank is a plain one, marks that
/// only direct the setting of others are gone, and what is written to the left is turned around.
pub fn drawable(text: &str) -> String {
    let directs = |c: &char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
    };
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    let chars: Vec<char> = text.chars().filter(|c| !directs(c)).map(blank).collect();
    visual_order(&chars)
}

/// Each stretch of letters written to the left, blanks between them included, from its end. A mark
/// stays behind the letter that it stands on.
fn visual_order(chars: &[char]) -> String {
    let mut text = String::new();
    let mut rest = chars;
    while let Some(start) = rest.iter().position(|&c| is_written_left(c)) {
        let (before, from) = rest.split_at(start);
        let others = from.iter().position(|&c| !is_written_left(c) && c != ' ');
        let stretch = &from[..others.unwrap_or(from.len())];
        let letters = stretch
            .iter()
            .rposition(|&c| c != ' ')
            .map_or(0, |last| last + 1);
        let (letters, after) = from.split_at(letters);
        text.extend(before);
        let mut clusters: Vec<&[char]> = letters.chunk_by(|_, &next| is_mark(next)).collect();
        clusters.reverse();
        text.extend(clusters.concat());
        rest = after;
    }
    text.extend(rest);
    text
}

/// Hebrew, Arabic and their neighbors, and the forms of their letters.
fn is_written_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

/// Vowel points and the like.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_plain_and_directions_are_left_out() {
        assert_eq!(drawable("a\u{3000}b\u{200f}c\u{fe0f}"), "a bc");
    }

    #[test]
    fn what_is_written_to_the_left_is_turned_around() {
        let turned = drawable("Live \u{5e9}\u{5b4}\u{5d9}\u{5e8} \u{5d0} 2");
        assert_eq!(turned, "Live \u{5d0} \u{5e8}\u{5d9}\u{5e9}\u{5b4} 2");
    }
}
