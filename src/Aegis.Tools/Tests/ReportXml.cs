using System.Xml;

namespace Aegis.Tools.Tests;

/// <summary>How XML of a sandbox is read: as a stream, without document types and entities, with
/// limits.</summary>
internal static class ReportXml
{
    public const int CharsMax = 32 * 1024 * 1024;

    public static XmlReaderSettings Settings { get; } = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = CharsMax,
        MaxCharactersFromEntities = 0,
        CheckCharacters = false,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };
}
