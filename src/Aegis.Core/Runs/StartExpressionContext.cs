using System.Text.Json;
using Aegis.Core.Expressions;

namespace Aegis.Core.Runs;

/// <summary>What the workflow's own expressions see before there is a run: concurrency and
/// dedupe_key.</summary>
public sealed class StartExpressionContext(JsonElement? inputs, JsonElement? context) : ExpressionContext
{
    public override bool Success => true;

    public override bool Failure => false;

    public override bool Cancelled => false;

    public override ExpressionValue? Root(string name) => name switch
    {
        "inputs" => Json(inputs),
        "context" => Json(context),
        _ => null,
    };

    private static ExpressionValue Json(JsonElement? json) =>
        json is { } value ? ExpressionValue.FromJson(value) : ExpressionValue.Null;
}
