import { approvedPackagesMax, approvedVersionsCommand, purlLengthMax, visibleText } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';

export const approvedQuestionSchema = z
  .strictObject({
    packages: z
      .array(documentable(visibleText(purlLengthMax)))
      .min(1)
      .max(approvedPackagesMax)
      .openapi({ example: ['pkg:npm/lodash'], description: 'Packages, as purls without version.' }),
  })
  .openapi('ApprovedQuestion');

export const approvedVersionsSchema = z
  .object(approvedVersionsCommand.output.shape)
  .openapi('ApprovedVersions');
