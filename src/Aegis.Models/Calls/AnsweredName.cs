using System.Text;

namespace Aegis.Models.Calls;

/// <summary>The model's name as its provider told it with the answer. It goes into the ledger and into a
/// header, so what is no name is not taken.</summary>
internal static class AnsweredName
{
    public const int CharsMax = 256;

    /// <param name="known">The name by which it was called, in the place of one that cannot be.</param>
    public static string Of(string told, string known) =>
        told.Length is > 0 and <= CharsMax && Ascii.IsValid(told) && !told.Any(char.IsControl) ? told : known;
}
