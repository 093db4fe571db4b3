namespace Aegis.Server.Forge;

/// <summary>GitHub's paging: <c>per_page</c> 1 to 100, default 30; <c>page</c> from 1; a Link header to the
/// next.</summary>
internal sealed record ForgePage(int Number, int Size)
{
    public const int SizeMax = 100;
    private const int SizeDefault = 30;
    private const int NumberMax = 1_000_000;

    public static bool TryRead(HttpContext http, out ForgePage page)
    {
        var query = http.Request.Query;
        var read = TryRead(query["page"].FirstOrDefault(), 1, NumberMax, out var number)
            & TryRead(query["per_page"].FirstOrDefault(), SizeDefault, int.MaxValue, out var size);
        // more than the maximum is taken as the maximum, as GitHub does
        page = new ForgePage(number, Math.Min(size, SizeMax));
        return read;
    }

    public static void Link(HttpContext http, ForgePage page, bool more)
    {
        if (!more)
        {
            return;
        }
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(http.Request.QueryString.Value);
        query["page"] = $"{page.Number + 1}";
        var next = Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(
            $"{http.Request.Scheme}://{http.Request.Host}{http.Request.Path}", query);
        http.Response.Headers.Link = $"<{next}>; rel=\"next\"";
    }

    private static bool TryRead(string? text, int fallback, int max, out int value)
    {
        value = fallback;
        return text is null || (int.TryParse(text, out value) && value >= 1 && value <= max);
    }
}
