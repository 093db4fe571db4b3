using System.Text.Json;
using Aegis.Core.Expressions;

namespace Aegis.Core.Tests.Expressions;

/// <summary>Expressions written and generated here, with the answers that GitHub's own library
/// (@actions/expressions 0.3.61) gave to them.</summary>
public sealed class GitHubVectorTests
{
    [Fact]
    public void Evaluate_GitHubVectors_AllAgree()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Expressions/github-vectors.json");
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        var inputs = file.RootElement.GetProperty("inputs").GetRawText();
        var context = new FakeContext($"{{\"inputs\":{inputs}}}");
        var vectors = file.RootElement.GetProperty("vectors").EnumerateArray().ToList();
        var wrong = vectors.Select(v => Difference(v, context)).OfType<string>().ToList();
        Assert.True(vectors.Count > 900, $"only {vectors.Count} vectors");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Take(50)));
    }

    // as the library writes them, which is as JavaScript does; GitHub's runner writes .NET's G15
    [Theory]
    [InlineData("1e-7", "1e-7")]
    [InlineData("1e21", "1e+21")]
    [InlineData("123456789012345678", "123456789012345680")]
    [InlineData("0.1", "0.1")]
    [InlineData("1e-15", "1e-15")]
    [InlineData("1e-16", "0")]
    [InlineData("-0", "0")]
    public void Evaluate_NumberAsText_FollowsTheLibrary(string expression, string expected)
    {
        var asText = Expression.Parse($"format('{{0}}', {expression})").Expression!;
        var result = asText.Evaluate(new FakeContext());
        Assert.Equal(new EvaluationResult(ExpressionValue.Of(expected), null), result);
    }

    private static string? Difference(JsonElement vector, FakeContext context)
    {
        var text = vector.GetProperty("expr").GetString()!;
        var parse = Expression.Parse(text);
        var result = parse.Expression?.Evaluate(context) ?? new EvaluationResult(null, parse.Error);
        if (vector.TryGetProperty("error", out _))
        {
            return result.Error is null ? $"{text}: an error expected, got {Coercion.ToText(result.Value!)}"
                : null;
        }
        if (result.Error is not null)
        {
            return $"{text}: {result.Error}";
        }
        var asText = Coercion.ToText(result.Value!);
        var expectedText = vector.GetProperty("text").GetString();
        var rendered = Template.Render(JsonSerializer.SerializeToElement("${{" + text + "}}"), context);
        var expected = vector.GetProperty("value");
        return asText != expectedText ? $"{text}: as text {asText}, expected {expectedText}"
            : rendered.Value is { } value && JsonElement.DeepEquals(expected, value) ? null
            : $"{text}: {rendered.Value} {rendered.Error}, expected {expected}";
    }
}
