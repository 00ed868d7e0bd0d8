// Builds the questionnaire in Google Forms. Paste this file into a project at script.google.com, choose “createQuestionnaire” and press Run.
// It collects no email addresses. What it asks stands below, in QUESTIONNAIRE.

function createQuestionnaire() {
  var form = FormApp.create(QUESTIONNAIRE.title);
  form.setDescription(QUESTIONNAIRE.introduction);
  form.setConfirmationMessage(QUESTIONNAIRE.thanks);
  form.setCollectEmail(false);
  form.setProgressBar(false);
  form.setAllowResponseEdits(true);
  var consent = form.addMultipleChoiceItem();
  consent.setTitle(QUESTIONNAIRE.consent.title);
  consent.setHelpText(QUESTIONNAIRE.consent.help);
  consent.setRequired(true);
  var first = null;
  QUESTIONNAIRE.sections.forEach(function (section) {
    var page = form.addPageBreakItem();
    page.setTitle(section.title);
    first = first || page;
    section.items.forEach(function (item) { addItem(form, item); });
  });
  consent.setChoices(QUESTIONNAIRE.consent.choices.map(function (text) {
    var refused = text === QUESTIONNAIRE.refusal;
    return consent.createChoice(text, refused ? FormApp.PageNavigationType.SUBMIT : first);
  }));
  Logger.log('Edit the form: ' + form.getEditUrl());
  Logger.log('Send this address: ' + form.getPublishedUrl());
}

function addItem(form, item) {
  var added;
  if (item.kind === 'text') {
    added = form.addTextItem();
  } else if (item.kind === 'paragraph') {
    added = form.addParagraphTextItem();
  } else if (item.kind === 'grid') {
    added = form.addGridItem();
    added.setRows(item.rows);
    added.setColumns(item.choices);
  } else if (item.kind === 'checkboxes') {
    added = form.addCheckboxItem();
    added.setChoiceValues(item.choices);
  } else {
    added = form.addListItem();
    added.setChoiceValues(item.choices);
  }
  added.setTitle(item.title);
  added.setHelpText(item.help);
  added.setRequired(item.required);
}
