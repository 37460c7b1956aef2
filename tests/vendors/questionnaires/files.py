"""Small questionnaires of every kind, written for these tests."""

VSAQ = r"""
// A comment before everything.
/* and one
   over lines */
{
  "questionnaire": [
    {
      "type": "block",
      "text": "Cloud questionnaire",
      "items": [
        {
          "type": "block",
          "text": "Options",
          "items": [
            {"type": "info", "text": "Tick what <b>applies</b>."},
            {"type": "checkgroup", "id": "options", "defaultChoice": false,
             "choices": [{"sensitive": "Sensitive data &mdash; yes"}, {"remote": "Remote access"}]}
          ]
        },
        {
          "type": "block",
          "id": "block_program",
          "text": "Program",
          "items": [
            {
              "type": "radiogroup",
              "text": "<p>A program is written down.</p>" +
                      "<p>Do you have <a href='https://example.com/iso'>one</a>?</p>",
              "id": "program",
              "defaultChoice": true,
              "choices": [{"program_yes": "Yes"}, {"program_no": "No"}],
            },
            {"type": "tip", "id": "warn_program", "warn": "yes", "severity": "critical", "name": "No program",
             "text": "Have one.", "why": "Explain why not.", "cond": "program_no"},
            {"type": "tip", "id": "warn_more", "warn": "yes", "severity": "high", "name": "No program, sensitive",
             "text": "Really have one.", "cond": "program_no && sensitive"},
            {"type": "spacer"},
            {"type": "block", "text": "Details", "cond": "program_yes", "items": [
              {"type": "line", "id": "standard", "text": "Which standard?", "cond": "sensitive && !remote || remote"},
              {"type": "box", "id": "why", "text": "Why?", "cond": "!^warn_program", "required": true},
              {"type": "yesno", "id": "audited", "text": "Audited?", "yes": "Yes, yearly", "no": "No"},
              {"type": "check", "id": "declared", "text": "I declare it is true."},
              {"type": "upload", "id": "report", "text": "Report", "cond": "audited/yes"},
              {"type": "line", "id": "days", "text": "Days?", "inputType": "number", "maxlength": 3}
            ]},
            {"type": "slider", "id": "odd", "text": "Unknown kind"},
            {"type": "line", "id": "lost", "text": "Depends on nothing", "cond": "nowhere && program_yes"},
          ],
        },
      ],
    },
  ],
}
trailing
"""

OSCAL = """
{"catalog": {
  "uuid": "00000000-0000-4000-8000-000000000000",
  "metadata": {"title": "Small controls", "version": "1", "oscal-version": "1.1.1"},
  "params": [{"id": "often", "values": ["yearly"]}],
  "groups": [
    {"id": "ac", "title": "Access", "props": [{"name": "label", "value": "AC"}],
     "parts": [{"name": "overview", "prose": "Who gets in."}],
     "groups": [
       {"id": "ac-a", "title": "Accounts", "controls": [
         {"id": "ac-1", "title": "Review accounts", "props": [{"name": "label", "value": "AC-1"}],
          "params": [{"id": "ac-1_prm_1", "label": "a role"},
                     {"id": "ac-1_prm_2", "select": {"how-many": "one-or-more", "choice": ["mail", "{{ insert: param, often }} letter"]}}],
          "links": [{"rel": "reference", "href": "#11111111-1111-4111-8111-111111111111"}, {"rel": "related", "href": "#ac-2"}],
          "parts": [
            {"id": "ac-1_smt", "name": "statement", "prose": "The organisation:", "parts": [
              {"name": "item", "props": [{"name": "label", "value": "a."}], "prose": "Reviews accounts {{ insert: param, often }}; names {{ insert: param, ac-1_prm_1 }};"},
              {"name": "item", "props": [{"name": "label", "value": "b."}], "prose": "Tells people by {{ insert: param, ac-1_prm_2 }} and {{ gone }}."}]},
            {"name": "guidance", "title": "Why", "prose": "Because of [ghosts](https://example.com)."},
            {"name": "assessment-objective", "prose": "Determine if..."}],
          "controls": [
            {"id": "ac-1.1", "title": "By machine", "parts": [{"name": "statement", "prose": "Use a tool."}]},
            {"id": "ac-1.2", "title": "Old", "props": [{"name": "status", "value": "withdrawn"}]}]},
         {"id": "ac-1", "title": "Same id", "parts": [{"name": "statement", "prose": "Use a  tool."}]}]}]},
    {"id": "empty", "title": "Nothing here"}],
  "back-matter": {"resources": [{"uuid": "11111111-1111-4111-8111-111111111111", "title": "Handbook", "rlinks": [{"href": "https://example.com/handbook"}]}]}
}}
"""

YAML = """\
format: countersign-questionnaire/1
title: AI service basics
sections:
  - key: data
    title: What happens to our data
    weight: 3
    questions:
      - key: training
        text: Do you train on what we send?
        kind: yes_no
        required: true
        choices:
          - {key: "yes", label: Yes, score: 0}
          - {key: "no", label: No, score: 100}
        warnings:
          - when: training is yes
            severity: critical
            name: Trains on our data
            text: Ask for a plan that does not.
            ask: What exactly, and can it be switched off?
      - key: retention
        text: How many days do you keep prompts?
        kind: number
        required: true
      - key: opt_out
        text: How can it be switched off?
        kind: long_text
        required: true
        shown_when: training is yes
  - key: people
    title: People
    questions:
      - key: places
        text: Where do your people work?
        kind: several
        choices:
          - {key: eu, label: EU, score: 60}
          - {key: us, label: US, score: 20}
      - key: since
        text: Since when?
        kind: date
      - key: note
        text: Nearly done.
        kind: note
"""

CSV = """\
Control Domain,Question ID,Consensus Assessment Question,CSP CAIQ Answer,Control Specification,Choices,Required,Weight
Audit,A-01.1,"Are policies
reviewed yearly?",,Review them.,,yes,2
,A-01.2,Who reviews?,,,,,
Crypto,A-01.1,Is data encrypted?,,,Yes=100;Partly=50;No=0,,heavy
Crypto,C-2,,,,,,
"""

DOCUMENTS = """
format: countersign-questionnaire/1
title: With a report
sections:
  - key: proof
    title: Proof
    questions:
      - {key: report, text: "Is there a report?", kind: evidence, required: true}
      - {key: words, text: "In words?", kind: text}
"""
