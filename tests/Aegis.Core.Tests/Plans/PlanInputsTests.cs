using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

public sealed class PlanInputsTests
{
    private static readonly ImmutableArray<InputSpec> Declared = Compiling.Plan(
        "name: w\ninputs: {who: {required: true}, n: {type: number, default: 3}, "
        + "b: {type: boolean}, j: {type: json}}\n"
        + "steps: [{id: a, uses: t}]").Inputs;

    [Theory]
    [InlineData("""{"who":"x"}""", """{"who":"x","n":3,"b":null,"j":null}""")]
    [InlineData("""{"j":{"a":[1]},"b":false,"N":4.5,"WHO":"y"}""",
        """{"who":"y","n":4.5,"b":false,"j":{"a":[1]}}""")]
    public void Bind_FittingInputs_GivesEveryDeclaredOne(string given, string expected)
    {
        var bound = PlanInputs.Bind(Declared, JsonElement.Parse(given));
        Assert.Empty(bound.Errors);
        Assert.Equal(expected, bound.Value!.Value.GetRawText());
    }

    [Fact]
    public void Bind_WrongInputs_NamesEveryError()
    {
        var bound = PlanInputs.Bind(Declared, JsonElement.Parse("""{"n":"3","b":1,"hwo":"x"}"""));
        Assert.Null(bound.Value);
        Assert.Equal(
            [
                new AegisError("AEGIS1035", "the workflow declares no input hwo", "who, n, b, j", null,
                    "did you mean who?"),
                new AegisError("AEGIS1033", "the input who is missing", "string"),
                new AegisError("AEGIS1034", "the input n has the wrong type", "number", "string"),
                new AegisError("AEGIS1034", "the input b has the wrong type", "boolean", "number"),
            ],
            bound.Errors.ToArray());
    }

    [Theory]
    [InlineData("[]", "AEGIS1034")]
    [InlineData("""{"who":"x","Who":"y"}""", "AEGIS1034")]
    [InlineData("""{"who":"\ud800"}""", "AEGIS1096, AEGIS1033")]
    [InlineData("null", "AEGIS1033")]
    public void Bind_WhatIsNoInput_IsRefused(string given, string codes) => Assert.Equal(codes,
        string.Join(", ", PlanInputs.Bind(Declared, JsonElement.Parse(given)).Errors.Select(e => e.Code)));
}
