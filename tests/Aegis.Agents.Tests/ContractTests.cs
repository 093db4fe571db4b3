using Aegis.Agents.Contracts;
using Aegis.Core.Agents;

namespace Aegis.Agents.Tests;

public sealed class ContractTests
{
    [Fact]
    public void Contracts_AreThoseThatAProfileMayName() =>
        Assert.Equal(AgentContracts.Names.Order(), ReplyContract.All.Keys.Order());

    [Theory]
    [InlineData("Answer", """{"text": "yes"}""")]
    [InlineData("BuildReport", """{"summary": "s", "files_changed": [], "open_issues": ["x"]}""")]
    [InlineData("Brief", """
        {"title": "t", "text": "# t", "variants": [{"approach": "a", "summary": "s", "score": 1}]}
        """)]
    [InlineData("Spec", """
        {"title": "t", "summary": "s", "capabilities": [{"id": "add", "description": "adds",
          "acceptance_criteria": [{"text": "it adds", "check": {"cmd": "npm test"}}]}], "non_goals": []}
        """)]
    [InlineData("PlanProposal", """
        {"stack": "python", "database_schema": null, "file_structure": ["a.py"], "tasks": [
          {"id": "a", "title": "t", "agent": "builder-data", "needs": [], "inputs": [],
            "outputs": [{"name": "a.py", "type": "file"}], "files": ["a.py"]},
          {"id": "b", "title": "t", "agent": "builder", "needs": ["a"], "inputs": [], "outputs": [],
            "files": []}]}
        """)]
    [InlineData("AuditOpinion", """
        {"findings": [{"rule": "r", "file": "a", "line": 3, "severity": "critical", "message": "m",
          "mend": "n"}]}
        """)]
    [InlineData("DeployReport", """
        {"summary": "s", "start": ["npm", "start"], "port": 8080, "health_path": "/healthz",
          "files_changed": []}
        """)]
    [InlineData("VaccineProposal", """
        {"error_pattern": "sql from strings", "solution_instruction": "use parameters", "severity": "high",
          "language": "python", "check": {"kind": "regex", "pattern": "execute\\(f", "path": "**/*.py"}}
        """)]
    [InlineData("ReviewReport", """
        {"verdict": "approve", "summary": "s", "comments": [{"file": "a", "line": null, "severity": "low",
          "text": "t"}]}
        """)]
    [InlineData("FailureAnalysis", """
        {"root_causes": ["off by one"], "fix_suggestions": [{"file": "a.py", "line_number": 3,
          "current_code": "a", "fixed_code": "", "explanation": "e", "confidence": 0.9}],
          "confidence_score": 0.8, "estimated_complexity": "low"}
        """)]
    public void Reply_ThatFits_IsBound_InAFenceToo(string contract, string json)
    {
        Assert.Empty(ReplyContract.All[contract].Bind(json).Errors);
        var bound = ReplyContract.All[contract].Bind($"```json\n{json}\n```");
        Assert.Equal(System.Text.Json.JsonValueKind.Object, bound.Json!.Value.ValueKind);
    }

    [Theory]
    [InlineData("PlanProposal", """
        {"stack": "p", "database_schema": null, "file_structure": ["a"], "tasks": [
          {"id": "a", "title": "t", "agent": "b", "needs": ["b"], "inputs": [], "outputs": [], "files": []},
          {"id": "b", "title": "t", "agent": "b", "needs": ["a"], "inputs": [], "outputs": [], "files": []},
          {"id": "b", "title": "", "agent": "b", "needs": ["gone"], "inputs": [], "outputs": [],
            "files": []}]}
        """, "two tasks b", "no such task", "circle: a, b", "tasks[2].title")]
    [InlineData("FailureAnalysis", """
        {"root_causes": [], "fix_suggestions": [], "confidence_score": 2, "estimated_complexity": "huge"}
        """, "root_causes", "confidence_score", "estimated_complexity")]
    [InlineData("Spec", """
        {"title": "t", "summary": "s", "capabilities": [{"id": "a b", "description": "d",
          "acceptance_criteria": []}], "non_goals": []}
        """, "capabilities[0].id", "capabilities[0].acceptance_criteria")]
    [InlineData("AuditOpinion", """
        {"findings": [{"rule": "r", "file": "a", "line": 1, "severity": "awful", "message": "m",
          "mend": "n"}]}
        """, "severity")]
    [InlineData("DeployReport", """
        {"summary": "s", "start": "npm start", "port": 8080, "health_path": "/healthz", "files_changed": []}
        """, "start")]
    [InlineData("Answer", """{"text": "a", "text": "b"}""", "text")]
    [InlineData("Answer", """{"Text": "a"}""", "Text")]
    [InlineData("Answer", """Here it is: {"text": "a"}""", "no JSON")]
    [InlineData("Answer", "null", "no JSON object")]
    public void Reply_ThatDoesNotFit_IsToldEverything(string contract, string json, params string[] errors)
    {
        var bound = ReplyContract.All[contract].Bind(json);
        Assert.Null(bound.Json);
        Assert.All(errors, e => Assert.Contains(bound.Errors, said => said.Contains(e)));
    }

    [Fact]
    public void Schema_SaysEveryMemberAndItsBounds()
    {
        var schema = ReplyContract.All["FailureAnalysis"].Schema.GetRawText();
        Assert.All(["root_causes", "line_number", "current_code", "confidence_score", "estimated_complexity"],
            name => Assert.Contains($"\"{name}\"", schema));
    }
}
