//! What is said about days of the past.

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::era::format_era;

use super::text;

pub(crate) fn day_not_over(day: Date, today: Date) -> Text {
    text(
        format!(
            "{}の時点はまだ見られません。きのう（{}の前日）までの日を選んでください。",
            format_era(day),
            format_era(today)
        ),
        format!("{day} is not over. Choose a day before today ({today})."),
    )
}
