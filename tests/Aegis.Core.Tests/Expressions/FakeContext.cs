using System.Text.Json;
using Aegis.Core.Expressions;

namespace Aegis.Core.Tests.Expressions;

internal sealed class FakeContext(string json = "{}") : ExpressionContext
{
    private readonly JsonElement roots = JsonElement.Parse(json);

    public bool Succeeded { get; init; } = true;

    public bool Failed { get; init; }

    public bool IsCancelled { get; init; }

    public int RootsAsked { get; private set; }

    public override bool Success => Succeeded;

    public override bool Failure => Failed;

    public override bool Cancelled => IsCancelled;

    public override ExpressionValue? Root(string name)
    {
        RootsAsked++;
        return roots.TryGetProperty(name, out var root) ? ExpressionValue.FromJson(root) : null;
    }
}
